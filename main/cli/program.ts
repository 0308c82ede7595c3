/** The command line as a commander program, made of the contract's verb table: one command a verb, one flag a property. */
import { Command, Option } from 'commander'
import { verbs, type CliVerbName, type VerbDefinition, type VerbName } from '../contract/verbs.ts'
import { flagsOf, readValue, type Flag } from './flags.ts'

/** One call, as typed. */
export interface Request {
  readonly verb: CliVerbName
  readonly input: Record<string, unknown>
  readonly home: string | undefined
  readonly json: boolean
}

const START = `
Start here:
  pylon demo                                        a market, three runs, one table, neighbours: about a minute
  pylon start                                       the workbench, in a window or in the browser
  pylon import --name market --sample               a generated market of rental listings
  pylon train --dataset market --recipe two-tower   train, index and evaluate a run
  pylon runs                                        what there is; then compare, show, recommend, similar, export

Each verb explains itself: pylon train --help. The workspace is --home, PYLON_HOME, or the platform's data folder.
Exit codes: 0 done, 1 bug, 2 bad input, 3 cancelled.`

/** The program; `onRequest` is called with what was typed. It throws CommanderError instead of leaving the process. */
export function createProgram(version: string, onRequest: (request: Request) => void): Command {
  const program = new Command('pylon')
    .enablePositionalOptions() // what stands behind a verb, or its second word, belongs to that verb alone
    .description('Train two-tower retrieval models on this machine, and see how well each run retrieves.')
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand('help [verb]', 'print the help of a verb')
    .addHelpText('after', START)
    .configureHelp({
      subcommandTerm: (command) =>
        [command.name(), ...command.registeredArguments.map((a) => `[${a.name()}${a.variadic ? '…' : ''}]`)].join(' '),
    })
    .exitOverride()
  for (const name of Object.keys(verbs) as VerbName[]) {
    const verb: VerbDefinition = verbs[name]
    if (verb.cli === undefined) continue
    // `recipes show` is a command of the command `recipes`, which stands before it in the table
    const words = verb.cli.split(' ')
    const parent = words.length === 1 ? program : program.commands.find((command) => command.name() === words[0])!
    parent.addCommand(commandOf(name as CliVerbName, words.at(-1)!, verb, onRequest))
  }
  return program
}

function commandOf(name: CliVerbName, word: string, verb: VerbDefinition, onRequest: (request: Request) => void): Command {
  const command = new Command(word)
    .enablePositionalOptions()
    .description(verb.summary)
    .helpOption('--help', 'print this help')
    .exitOverride()
  const flags = flagsOf(verb.input)
  for (const flag of flags) {
    if (flag.property === verb.positional)
      command.argument(flag.kind === 'texts' ? `[${flag.property}...]` : `[${flag.property}]`, flag.help)
    command.addOption(optionOf(flag, flag.property === verb.positional))
  }
  command.option('--home <folder>', "the workspace (default: PYLON_HOME, else the platform's data folder)")
  command.option('--json', 'print one JSON object on stdout; progress goes to stderr')
  return command.action((...args: unknown[]) => {
    const { home, json = false, ...typed } = command.opts<{ home?: string; json?: boolean } & Record<string, unknown>>()
    const input: Record<string, unknown> = { ...typed }
    const argument = verb.positional === undefined ? undefined : args[0]
    if (argument !== undefined && !(Array.isArray(argument) && argument.length === 0)) input[verb.positional!] = argument
    onRequest({ verb: name, input, home, json })
  })
}

function optionOf(flag: Flag, hidden: boolean): Option {
  const option = new Option(`${flag.name} ${flag.value}`.trim(), flag.required ? `${flag.help} (needed)` : flag.help)
  if (flag.kind !== 'boolean') option.argParser((text: string, before: unknown) => readValue(flag, text, before))
  return option.hideHelp(hidden)
}
