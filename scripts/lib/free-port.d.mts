/** A TCP port of 127.0.0.1 that nobody has now, for programs that have to be told one. */
export function freePort(): Promise<number>
