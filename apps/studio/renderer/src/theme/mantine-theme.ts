import {
  ActionIcon,
  Button,
  Checkbox,
  createTheme,
  Menu,
  NumberInput,
  SegmentedControl,
  Select,
  TextInput,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from "@mantine/core";

/** One blue for selection and the primary act. Shade 4 is the dark theme's, shade 7 the light theme's. */
const accent: MantineColorsTuple = [
  "#eef4ff",
  "#d8e6ff",
  "#b0ccff",
  "#82aeff",
  "#4c8dff",
  "#3b7cf0",
  "#2c6de0",
  "#1f5fd1",
  "#184fb2",
  "#123e8e",
];

/** The component library in the studio's density: 28 px controls, 13 px text, no shadows but on what floats. */
export const studioTheme = createTheme({
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  colors: { accent },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--font-mono)",
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "14px", xl: "16px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "2px", sm: "4px", md: "4px", lg: "6px", xl: "8px" },
  defaultRadius: "sm",
  cursorType: "pointer",
  components: {
    Button: Button.extend({ defaultProps: { size: "xs", variant: "default" } }),
    ActionIcon: ActionIcon.extend({ defaultProps: { size: 28, variant: "subtle", color: "gray" } }),
    TextInput: TextInput.extend({ defaultProps: { size: "xs" } }),
    NumberInput: NumberInput.extend({ defaultProps: { size: "xs" } }),
    Select: Select.extend({ defaultProps: { size: "xs", allowDeselect: false, checkIconPosition: "right" } }),
    Checkbox: Checkbox.extend({ defaultProps: { size: "xs" } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: "xs" } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 80 } } }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 350, transitionProps: { duration: 80 }, withArrow: false, position: "bottom" },
    }),
  },
});

/** Points the component library's variables at the studio's tokens, so that a theme change touches one file. */
export const tokenVariables: CSSVariablesResolver = () => {
  const shared = {
    "--mantine-color-body": "var(--background)",
    "--mantine-color-text": "var(--text)",
    "--mantine-color-dimmed": "var(--secondary)",
    "--mantine-color-default": "var(--raised)",
    "--mantine-color-default-hover": "var(--hover)",
    "--mantine-color-default-color": "var(--text)",
    "--mantine-color-default-border": "var(--line)",
    "--mantine-color-placeholder": "var(--secondary)",
    "--mantine-color-error": "var(--fail-text)",
    "--mantine-color-gray-light-color": "var(--secondary)",
    "--mantine-color-gray-light-hover": "var(--hover)",
    "--mantine-primary-color-contrast": "var(--on-accent)",
    "--mantine-color-anchor": "var(--accent-text)",
  };
  return { variables: {}, light: shared, dark: shared };
};
