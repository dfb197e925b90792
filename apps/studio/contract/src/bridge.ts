/** What the desktop window's preload gives the page as `window.studio`; absent in a browser. Nothing else crosses. */
export interface StudioBridge {
  /** Address of the websocket, with the token: the page's own origin is the custom protocol, which carries no websockets. */
  rpcUrl(): Promise<string>;
}
