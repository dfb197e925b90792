/** How long what must happen is waited for: a limit for what never comes, not a measure of how fast it came. */
export const PATIENCE = { timeout: 100_000 } as const;
