/** What the driver uses of HAProxy, and since which version it is there (HAProxy's own announcements of releases). */
const SINCE = [
  ['certificate-storage', 2, 2],
  ['crt-list-lines', 2, 2],
  ['authority-storage', 2, 5],
  ['ocsp-update', 2, 8],
] as const

/** By the version that the running one tells in `show info`. */
export function haproxyCapabilities(version: string): readonly string[] {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? []
  const isThere = (sinceMajor: number, sinceMinor: number) =>
    Number(major) > sinceMajor || (Number(major) === sinceMajor && Number(minor) >= sinceMinor)
  return SINCE.flatMap(([name, sinceMajor, sinceMinor]) => (isThere(sinceMajor, sinceMinor) ? [name] : []))
}
