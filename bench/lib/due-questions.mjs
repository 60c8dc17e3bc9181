/** What the worker, the renewal engine and the clock ask the store each round: `ask` gets the repositories and the moment. */
export const DUE_QUESTIONS = [
  { name: 'changes for the worker', ask: (read, now) => read.changes.forWorkers(now, 500) },
  { name: 'changes for a turned clock', ask: (read, now) => read.changes.due(now, 200) },
  { name: 'renewals to begin', ask: (read, now) => read.renewals.due(now, 200) },
  { name: 'when the next renewal is', ask: (read) => read.renewals.nextAt() },
  {
    name: 'renewals that wait for a CA account',
    ask: (read) => read.renewals.heldBy('default https://ca.example/directory'),
  },
  { name: 'certificates whose CA is to be asked (ARI)', ask: (read, now) => read.renewals.toAsk(now, 400) },
  { name: 'when anything happens next', ask: (read) => read.due.earliest() },
  { name: 'notices to form', ask: (read, now) => read.notices.take(now, 500) },
  { name: 'deliveries to send', ask: (read, now) => read.notices.toSend(now, 100) },
  {
    name: 'deployments whose network is to be asked',
    ask: (read, now) => read.watch.takeForLook({ now, againAt: now + 900_000 }, 8),
  },
  {
    name: 'names to look at',
    ask: (read, now) => read.nameStandings.takeDue({ now, againAt: now + 3_600_000 }, 4),
  },
  { name: 'plans to look at for conflicts', ask: (read, now) => read.planLooks.due(now, 200) },
  { name: 'how far the work is behind', ask: (read, now) => read.watch.behind(now) },
]
