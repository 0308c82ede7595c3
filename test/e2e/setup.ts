/** Before the journeys: the page as it is built for users. `PYLON_PAGE` names one that was built elsewhere. */
import { buildPage } from '../../main/start/build.ts'

export default async function setup(): Promise<void> {
  if (process.env['PYLON_PAGE'] === undefined) await buildPage()
}
