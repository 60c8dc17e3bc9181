/** Given on the command line at every start, so that a newer Certrail needs no edit of a file in the data directory. */
export const SERVER_SETTINGS = {
  // The bundled server links an old OpenSSL and is nobody's business but ours: never TCP.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  // What is acknowledged is on disk. Never off, tests included: they prove what production runs.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  // Modest memory and few processes: some 30 MB idle beside one application process.
  shared_buffers: '32MB',
  max_connections: '100',
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  // Short statements only: compiling them costs more than running them.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  // Statements and DETAIL lines carry values of rows, and a log is no place for them.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
} as const satisfies Readonly<Record<string, string>>
