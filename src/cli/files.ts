import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Failure, wrongUsage } from './failure.ts'
import type { Surroundings } from './surroundings.ts'

type Place = Pick<Surroundings, 'workingDirectory'>

/** A file that an option names. Wrong usage when it cannot be read. */
export function textFile({ workingDirectory }: Place, path: string): string {
  try {
    return readFileSync(resolve(workingDirectory, path), 'utf8')
  } catch (error) {
    throw unreadable(path, error)
  }
}

/** An enrollment as the API knows it, or a part of one. */
export function jsonObjectFile(place: Place, path: string): Readonly<Record<string, unknown>> {
  const content = jsonIn(textFile(place, path), path)
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Readonly<Record<string, unknown>>
  }
  throw wrongUsage(`${path} holds no JSON object.`)
}

export function writeTextFile({ workingDirectory }: Place, path: string, text: string): void {
  try {
    writeFileSync(resolve(workingDirectory, path), text)
  } catch (error) {
    throw new Failure({ title: 'Cannot write the file', detail: `${path}: ${(error as Error).message}` })
  }
}

function jsonIn(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw unreadable(path, error)
  }
}

const unreadable = (path: string, error: unknown): Failure =>
  wrongUsage(`${path} cannot be read: ${(error as Error).message}.`)
