/** `pylon doctor --repair` without its look at the libraries, which takes seconds: the workspace is the one argument. */
import { repairWorkspace } from '../../main/engine/store/repair.ts'

console.log(JSON.stringify(await repairWorkspace(process.argv[2]!)))
