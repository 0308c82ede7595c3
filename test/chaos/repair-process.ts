/** `pylon doctor --repair` without its look at the libraries, which takes seconds: the workspace is the one argument. */
import { repair } from '../../main/engine/store/repair.ts'

console.log(JSON.stringify(await repair(process.argv[2]!)))
