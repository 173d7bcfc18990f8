/** Numbers of the configuration as Lua constants, for scripts that say `-- @include settings`. */
export function luaSettings(settings: Readonly<Record<string, number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `local ${name} = ${value}`)
    .join('\n');
}
