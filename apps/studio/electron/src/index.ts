export { electronCommand, findElectron, type ElectronCommand, type WindowRequest } from "./electron-command.ts";
