/**
 * A small language for matching functions: numbers, the variables of a pair, + − * / ^, parentheses and a few functions. It is parsed
 * by this file and becomes tensor operations; nothing of it is ever run as code.
 */
import { badInput, PylonError } from '../../contract/errors.ts'
import { type Tensor, tf } from '../compute/tf.ts'

/** The variables of a pair of vectors: u·v, |u|, |v|, |u − v|². */
export const VARIABLES = ['dot', 'nu', 'nv', 'sq'] as const
type Variable = (typeof VARIABLES)[number]

const FUNCTIONS = {
  exp: (x: Tensor) => tf.exp(x),
  log: (x: Tensor) => tf.log(tf.maximum(x, 1e-12)),
  log1p: (x: Tensor) => tf.log(tf.add(tf.relu(x), 1)),
  sqrt: (x: Tensor) => tf.sqrt(tf.add(tf.relu(x), 1e-12)),
  tanh: (x: Tensor) => tf.tanh(x),
  sigmoid: (x: Tensor) => tf.sigmoid(x),
  relu: (x: Tensor) => tf.relu(x),
  abs: (x: Tensor) => tf.abs(x),
} as const
type FunctionName = keyof typeof FUNCTIONS

type Operator = '+' | '-' | '*' | '/'
type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'variable'; readonly name: Variable }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly argument: Expression }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'power'; readonly base: Expression; readonly exponent: number }

export type Variables = Readonly<Record<Variable, () => Tensor>>

/** How deep an expression may nest, so that no text can exhaust the stack. */
const DEPTH = 64
const PLACE = 'match.expression'

/**
 * Compiles an expression into tensor operations.
 * @throws PylonError bad-input naming the character where it goes wrong, or where it reads no variable
 */
export function compileExpression(source: string): (variables: Variables) => Tensor {
  const expression = new Parser(source).parse()
  if (!readsVariable(expression)) {
    throw badInput(`It reads neither side. Use ${VARIABLES.join(', ')}, e.g. "dot / (1 + sq)".`, PLACE)
  }
  return (variables) => tensorOf(expression, variables)
}

function readsVariable(e: Expression): boolean {
  switch (e.kind) {
    case 'number':
      return false
    case 'variable':
      return true
    case 'call':
      return readsVariable(e.argument)
    case 'binary':
      return readsVariable(e.left) || readsVariable(e.right)
    case 'power':
      return readsVariable(e.base)
  }
}

function tensorOf(e: Expression, variables: Variables): Tensor {
  switch (e.kind) {
    case 'number':
      return tf.scalar(e.value)
    case 'variable':
      return variables[e.name]()
    case 'call':
      return FUNCTIONS[e.name](tensorOf(e.argument, variables))
    case 'power':
      return power(tensorOf(e.base, variables), e.exponent)
    case 'binary': {
      const [a, b] = [tensorOf(e.left, variables), tensorOf(e.right, variables)]
      return { '+': tf.add, '-': tf.sub, '*': tf.mul, '/': tf.div }[e.operator](a, b)
    }
  }
}

/** Whole powers are products, right for negative bases too; others are of the base's positive part. */
function power(base: Tensor, exponent: number): Tensor {
  if (Number.isInteger(exponent) && exponent >= 1 && exponent <= 8) {
    return Array.from({ length: exponent - 1 }).reduce<Tensor>((product) => tf.mul(product, base), base)
  }
  return tf.exp(tf.mul(tf.log(tf.maximum(base, 1e-12)), exponent))
}

/** Recursive descent: sum > product > sign > power > atom. */
class Parser {
  readonly #source: string
  #at = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
  }

  parse(): Expression {
    const expression = this.#sum()
    this.#blanks()
    if (this.#at < this.#source.length) throw this.#wrong('an operator or the end')
    return expression
  }

  #sum(): Expression {
    if (++this.#depth > DEPTH) throw this.#wrong('at most 64 levels')
    let left = this.#product()
    for (let operator = this.#take('+-'); operator !== null; operator = this.#take('+-')) {
      left = { kind: 'binary', operator: operator as Operator, left, right: this.#product() }
    }
    this.#depth--
    return left
  }

  #product(): Expression {
    let left = this.#signed()
    for (let operator = this.#take('*/'); operator !== null; operator = this.#take('*/')) {
      left = { kind: 'binary', operator: operator as Operator, left, right: this.#signed() }
    }
    return left
  }

  #signed(): Expression {
    let negative = false
    while (this.#take('-') !== null) negative = !negative
    const expression = this.#power()
    return negative ? { kind: 'binary', operator: '-', left: { kind: 'number', value: 0 }, right: expression } : expression
  }

  #power(): Expression {
    const base = this.#atom()
    if (this.#take('^') === null) return base
    const sign = this.#take('-') === null ? 1 : -1
    const exponent = this.#number()
    if (exponent === null) throw this.#wrong('a number')
    return { kind: 'power', base, exponent: sign * exponent }
  }

  #atom(): Expression {
    if (this.#take('(') !== null) return this.#closed()
    const value = this.#number()
    if (value !== null) return { kind: 'number', value }
    const name = /^[a-z][a-z0-9]*/.exec(this.#source.slice(this.#at))?.[0]
    if (name === undefined) throw this.#wrong('a number, a variable or "("')
    if ((VARIABLES as readonly string[]).includes(name)) {
      this.#at += name.length
      return { kind: 'variable', name: name as Variable }
    }
    if (!Object.hasOwn(FUNCTIONS, name)) throw this.#wrong(`one of ${[...VARIABLES, ...Object.keys(FUNCTIONS)].join(', ')}`)
    this.#at += name.length
    if (this.#take('(') === null) throw this.#wrong('"("')
    return { kind: 'call', name: name as FunctionName, argument: this.#closed() }
  }

  #closed(): Expression {
    const inner = this.#sum()
    if (this.#take(')') === null) throw this.#wrong('")"')
    return inner
  }

  #number(): number | null {
    this.#blanks()
    const text = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/.exec(this.#source.slice(this.#at))?.[0]
    if (text === undefined) return null
    this.#at += text.length
    return Number(text)
  }

  #take(characters: string): string | null {
    this.#blanks()
    const next = this.#source[this.#at]
    if (next === undefined || !characters.includes(next)) return null
    this.#at++
    return next
  }

  #blanks(): void {
    while (this.#source[this.#at] === ' ') this.#at++
  }

  #wrong(expected: string): PylonError {
    const found = this.#source[this.#at] === undefined ? 'the end' : `"${this.#source.slice(this.#at, this.#at + 8)}"`
    return badInput(`"${this.#source}": at character ${this.#at + 1} there is ${found}, not ${expected}.`, PLACE)
  }
}
