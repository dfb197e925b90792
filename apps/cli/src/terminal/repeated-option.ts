/** Every value of an option that may be given again: `--set a=1 --set=b=2` gives `["a=1", "b=2"]`. */
export function repeatedOption(rawArgs: readonly string[], name: string): string[] {
  const end = rawArgs.indexOf("--");
  const args = end === -1 ? rawArgs : rawArgs.slice(0, end);
  return args.flatMap((arg, i) => {
    if (arg.startsWith(`${name}=`)) return [arg.slice(name.length + 1)];
    const next = args[i + 1];
    return arg === name && next !== undefined ? [next] : [];
  });
}
