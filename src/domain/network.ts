/** The two networks of the CPS API. A CA's own staging directory is another thing and is never called a network. */
export const NETWORKS = ['staging', 'production'] as const
export type Network = (typeof NETWORKS)[number]
