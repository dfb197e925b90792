import { initTRPC, TRPCError } from "@trpc/server";
import { studioErrorData } from "./error-data.ts";

/** The one tRPC instance every room's procedures are made with; failures carry `StudioErrorData`. */
export const t = initTRPC.create({
  errorFormatter: ({ shape, error }) => ({
    ...shape,
    message: studioErrorData(error).message,
    data: { code: shape.data.code, httpStatus: shape.data.httpStatus, studio: studioErrorData(error) },
  }),
});

/** A subscription's signal; the server always gives one. */
export function need(signal: AbortSignal | undefined): AbortSignal {
  if (signal === undefined)
    throw new TRPCError({ code: "BAD_REQUEST", message: "a subscription needs a connection that can end it" });
  return signal;
}
