import { createStore, useStore } from "../store/store.ts";
import { rememberedStore } from "../store/remembered.ts";
import { formatRoute, parseRoute, roomOf, type RoomName, type Route, type RouteInput } from "./route.ts";

const lastAddress = rememberedStore("last-address", "");

/** Where each room was left, so that the rail leads back there. */
const lastOfRoom = rememberedStore<Record<string, string>>("last-of-room", {});

function start(): Route {
  if (location.hash.length <= 2 && lastAddress.get() !== "") history.replaceState(null, "", lastAddress.get());
  return parseRoute(location.hash);
}

/** The current view. */
export const route = createStore<Route>(start());

function follow(): void {
  const next = parseRoute(location.hash);
  const room = roomOf(next);
  lastAddress.set(location.hash);
  if (room !== undefined && location.hash.length > 2) lastOfRoom.set({ ...lastOfRoom.get(), [room]: location.hash });
  route.set(next);
}
window.addEventListener("hashchange", follow);
window.addEventListener("popstate", follow);
follow();

/** Goes to a view. `replace` leaves no step in the history (filters, frames). */
export function navigate(to: RouteInput, { replace = false } = {}): void {
  const address = formatRoute(to);
  if (address === location.hash) return;
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  follow();
}

/** Changes params of the current view in place. Undefined or empty values are removed. */
export function setParams(changes: Readonly<Record<string, string | undefined>>): void {
  const now = route.get();
  const merged = Object.entries({ ...now.params, ...changes }).filter((pair): pair is [string, string] =>
    Boolean(pair[1]),
  );
  navigate({ ...now, params: Object.fromEntries(merged) }, { replace: true });
}

/** Address the rail gives a room: where it was left. */
export function roomAddress(room: RoomName): string {
  return lastOfRoom.get()[room] || `#/${room}`;
}

/** The current view in a component. */
export function useRoute(): Route {
  return useStore(route);
}
