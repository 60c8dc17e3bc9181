/** Three rules of our own for oxlint, since a pattern on an import's text cannot know where it leads, and none sees `new Date()`. */
import { refusal } from './arrows.mjs'
import { connectionRefusal } from './outbound.mjs'

const arrows = {
  create(context) {
    const file = belowSrc(context.filename)
    if (file === null) return {}
    const check = (node, source, typesOnly) => {
      const message =
        typeof source === 'string'
          ? refusal(file, source, typesOnly)
          : 'an import names its module in a plain string'
      if (message !== null) context.report({ node, message })
    }
    const checkStatic = (node) => {
      if (node.source) check(node, node.source.value, isTypesOnly(node))
    }
    return {
      ImportDeclaration: checkStatic,
      ExportNamedDeclaration: checkStatic,
      ExportAllDeclaration: checkStatic,
      ImportExpression: (node) => check(node, node.source.value, false),
      TSImportType: (node) => check(node, (node.source ?? node.argument?.literal)?.value, true),
    }
  },
}

function isTypesOnly(node) {
  if ((node.importKind ?? node.exportKind) === 'type') return true
  const specifiers = node.specifiers ?? []
  return specifiers.length > 0 && specifiers.every((one) => (one.importKind ?? one.exportKind) === 'type')
}

function belowSrc(filename) {
  const path = filename.replaceAll('\\', '/')
  const at = path.lastIndexOf('/src/')
  return at < 0 ? null : path.slice(at + '/src/'.length)
}

const outbound = {
  create(context) {
    const file = belowSrc(context.filename)
    if (file === null) return {}
    const check = (node, source, name) => {
      const message = connectionRefusal(file, source, name)
      if (message !== null) context.report({ node, message })
    }
    const nameOf = (node) => node.name ?? node.value
    return {
      ImportDeclaration(node) {
        if (node.importKind === 'type') return
        for (const one of node.specifiers) {
          if (one.importKind === 'type') continue
          check(one, node.source.value, one.type === 'ImportSpecifier' ? nameOf(one.imported) : null)
        }
      },
      ExportNamedDeclaration(node) {
        if (node.source && node.exportKind !== 'type')
          for (const one of node.specifiers) check(one, node.source.value, nameOf(one.local))
      },
      ExportAllDeclaration: (node) => check(node, node.source.value, null),
      ImportExpression: (node) => check(node, node.source.value, null),
    }
  },
}

const noClock = {
  create(context) {
    const report = (node) => context.report({ node, message: 'reads the clock of the machine: take a Clock' })
    const isDate = (node) => node.type === 'Identifier' && node.name === 'Date'
    return {
      NewExpression(node) {
        if (isDate(node.callee) && node.arguments.length === 0) report(node)
      },
      CallExpression(node) {
        if (isDate(node.callee)) report(node)
      },
    }
  },
}

// oxlint-disable-next-line import/no-default-export -- the shape that oxlint loads
export default { meta: { name: 'certrail' }, rules: { arrows, outbound, 'no-clock': noClock } }
