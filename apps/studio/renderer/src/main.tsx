import { createRoot } from "react-dom/client";
import "@mantine/core/styles.css";
import "@fontsource-variable/inter/index.css";
import "@fontsource-variable/jetbrains-mono/index.css";
import "./theme/tokens.css";
import "./theme/base.css";
import "./theme/mantine-density.css";
import "./shell/shell.css";
import { App } from "./app.tsx";

createRoot(document.getElementById("root")!).render(<App />);
