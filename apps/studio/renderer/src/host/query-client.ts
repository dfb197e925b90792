import { QueryClient } from "@tanstack/react-query";

/** Answers of the host, kept while in use and a little longer. A failed call is shown at once, not tried again behind the user's back. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: false, refetchOnWindowFocus: false, staleTime: 30_000, gcTime: 60_000, networkMode: "always" },
    mutations: { retry: false, networkMode: "always" },
  },
});
