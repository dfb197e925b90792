import { useEffect } from "react";
import { useQuery } from "@tanstack/react-query";
import type { HostInfo } from "./types.ts";
import { useStore } from "../store/store.ts";
import { connectionCount, host } from "./client.ts";
import { queryClient } from "./query-client.ts";

let lastHostId: string | undefined;

/** What the host is. After a reconnect it is asked again; a new `hostId` (it was restarted) makes every answer stale. */
export function useHostInfo(): HostInfo | undefined {
  const count = useStore(connectionCount);
  const { data } = useQuery({
    queryKey: ["system.info", count],
    queryFn: () => host.system.info.query(),
    staleTime: Infinity,
  });
  useEffect(() => {
    if (data === undefined) return;
    if (lastHostId !== undefined && lastHostId !== data.hostId)
      void queryClient.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "system.info" });
    lastHostId = data.hostId;
  }, [data]);
  return data;
}
