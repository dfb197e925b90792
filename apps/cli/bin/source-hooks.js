// Resolves workspace packages to their TypeScript source, as --conditions=@pixelvla/source would.
export const resolve = (specifier, context, next) =>
  next(specifier, { ...context, conditions: ["@pixelvla/source", ...context.conditions] });
