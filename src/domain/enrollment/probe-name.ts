/** What a probe asks for to see a served name: a wildcard is asked for by a name that it covers and nobody enrolls. */
export const probeName = (servedName: string): string =>
  servedName.startsWith('*.') ? `certrail-probe${servedName.slice(1)}` : servedName
