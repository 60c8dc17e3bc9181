/** A rule of design.md section 5 that did not hold. */
export class Violation extends Error {}
