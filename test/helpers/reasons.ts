/** How the reason of a skipped test begins: shared by the tests, which give it, and by `npm test`, which counts by it. */

/** a tool by its name: the set-up installs it, so where CI is set its absence fails the run */
export const NEEDS = 'needs'
/** what no set-up brings: a data set, a platform, a right */
export const NOT_HERE = 'not on this machine:'
