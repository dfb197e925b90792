import type { Route } from "../route/route.ts";
import { RoomLayout } from "../shell/room-layout.tsx";

export function RunsRoom({ route }: { route: Route }) {
  return <RoomLayout id="runs" main={<p>{route.view}</p>} />;
}
