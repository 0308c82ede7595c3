/**
 * What the engine says in English, taken from its source: every literal that is prose, a value as {}. Texts for other readers (the command
 * line's help, SQL, bugs, what is written into files) are told from it by where they stand.
 */
import { globSync, readFileSync } from 'node:fs'
import ts from 'typescript'

export interface Sentence {
  readonly file: string
  readonly line: number
  /** the literal with {} for each value: `There is no user "{}".` */
  readonly text: string
}

/** Two words in a row, the second of small letters: what no name, path, or option is. A value counts as a word beside one of four letters. */
const TWO_WORDS = /(?:^|[\s("“–])[a-zA-Z][\w’'-]* [a-z’']+/
const isProse = (text: string): boolean =>
  /[a-z]{2,}/.test(text) &&
  (TWO_WORDS.test(text) || (TWO_WORDS.test(text.replaceAll('{}', 'x')) && /(?<![-/.\w])[a-zA-Z][a-z]{3,}(?![-/.=\w])/.test(text)))
const isSql = (text: string): boolean =>
  /\b(SELECT|INSERT INTO|UPDATE \w+ SET|CREATE (OR|TABLE|TEMP|VIEW|INDEX|MACRO|UNIQUE)|DELETE FROM|PRAGMA|ORDER BY|GROUP BY|COPY \(|WHERE|FROM|JOIN|DROP|ALTER TABLE|BEGIN|CAST|OVER \(|CASE WHEN|PRIMARY KEY|NOT NULL|IS NULL)\b|\b(lambda \w+:|nullif\(|AS "?[a-z{]|FILTER \(|DISTINCT |NOT regexp|FORMAT parquet,|IGNORE INTO|LIMIT 1)|\w = \{\} AND |^SET |\|\| CASE /.test(
    text,
  )

/** A literal, or literals that are added; null where nothing of it is one. */
function textOf(node: ts.Node): string | null {
  if (ts.isStringLiteralLike(node)) return node.text
  if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('')
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [textOf(node.left), textOf(node.right)]
    return left === null && right === null ? null : (left ?? '{}') + (right ?? '{}')
  }
  return null
}

const calledName = (node: ts.CallExpression | ts.NewExpression): string =>
  ts.isPropertyAccessExpression(node.expression) ? `.${node.expression.name.text}` : node.expression.getText()

/** Makers of a spec's fields with their help (which `specTexts` says in Chinese), and of zod. */
const HELP = ['.describe', '.meta', '.addHelpText', 'variant', 'choice', 'flag', 'orNull', 'wordsOf']
/** Of a literal: it is a list of words. */
const COMPARED = ['.split']

/** Help of the command line, bugs, and what is compared with: no page shows it. */
function isElsewhere(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return true
  if (ts.isNewExpression(node)) return ['Error', 'RangeError', 'TypeError', 'RegExp'].includes(calledName(node))
  if (ts.isPropertyAssignment(node) || ts.isPropertySignature(node)) return ['summary', 'cli', 'description'].includes(node.name.getText())
  if (!ts.isCallExpression(node)) return false
  const called = calledName(node)
  return (
    HELP.includes(called) ||
    (ts.isPropertyAccessExpression(node.expression) && COMPARED.includes(called) && textOf(node.expression.expression) !== null)
  )
}

/** All sentences of the files, each once a place. */
export function sentencesOf(globs: readonly string[]): Sentence[] {
  const found: Sentence[] = []
  for (const file of globSync(globs).toSorted()) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
    const visit = (node: ts.Node): void => {
      if (isElsewhere(node)) return
      const text = ts.isBinaryExpression(node.parent) && textOf(node.parent) !== null ? null : textOf(node)
      if (text !== null && isProse(text) && !isSql(text)) {
        found.push({ file, line: source.getLineAndCharacterOfPosition(node.getStart()).line + 1, text: text.replaceAll(/(\{\})+/g, '{}') })
      }
      ts.forEachChild(node, visit)
    }
    ts.forEachChild(source, visit)
  }
  return found
}
