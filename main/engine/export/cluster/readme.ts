/** The README of a job for a cluster. */
import { formatsOf } from '../../../contract/formats.ts'
import { type ClusterCosts, trafficOf } from './costs.ts'
import type { ClusterManifest } from './manifest.ts'

const { bytes, integer } = formatsOf('en')

export function jobReadme(job: ClusterManifest, costs: ClusterCosts, size: number): string {
  const rows = [2, 8, 64].map((workers) => {
    const { tables, vectors, dense } = trafficOf(costs, workers)
    return `| ${workers} | ${bytes(tables)} | ${bytes(vectors)} | ${bytes(dense)} |`
  })
  return `# ${job.name}, as a job

${integer(job.interactions)} interactions of ${integer(job.users)} users and ${integer(job.items)} items, written by Pylon ${job.pylon}: ${bytes(size)}.
This folder goes to a storage that every node reaches under the same path (NFS, or a mounted bucket), or its data to an object storage. Nothing
secret is in it.

    python -m venv env && env/bin/pip install -r requirements.txt   # and a build of PyTorch for your machine: pytorch.org
    env/bin/python run_job.py --workers 2 --shards 2                # here
    torchrun --nproc_per_node 2 run_job.py                          # one machine, begun by torchrun
    sh submit.sh http://HEAD:8265 --workers 8 --shards 8            # a Ray cluster; rayjob.yaml for KubeRay

Where the nodes share no folder, they need the program alone (submit.sh sends it), and read from and write to a bucket, by the
credentials of their environment or role:

    python run_job.py --storage s3://BUCKET/JOB --send              # the data of this folder, once
    sh submit.sh http://HEAD:8265 --storage s3://BUCKET/JOB --workers 8 --shards 8
    python run_job.py --storage s3://BUCKET/JOB --fetch             # metrics and the result to this folder, until it has ended

It goes on from its last checkpoint when it is begun again, with as many shards as you then say; a process that dies is begun anew by
itself (--attempts). While it runs, and when it has ended, in the workspace with the dataset:

    pylon follow FOLDER

\`record/\`, where it was exported with --record, holds steps as Pylon took them: \`python run_job.py --replay\` takes them too and tells how
far the losses are from Pylon's.

## What it takes

- Tables with what their optimizer keeps: **${bytes(costs.tableBytes)}**, over all shards; --shard-megabytes refuses what a shard cannot hold.
- Each worker: ${bytes(costs.featureBytes)} of encoded features, and its share of ${bytes(costs.interactionBytes)} of interactions.
- ${integer(costs.stepsPerEpoch)} steps an epoch of ${integer(costs.batch)} examples. What travels at a step:

| workers | rows of tables and their gradients, all workers | item vectors, each worker | dense gradients, each worker |
| ---: | ---: | ---: | ---: |
${rows.join('\n')}

## Items in shards

The validation part and, in the end, the test part are measured with every worker's share of the items in its own memory: a worker finds the
best of its share for the users of all, and what they find is merged, exactly. \`--index IVF4096,PQ32 --nprobe 32\` builds such an index
of each share by Faiss (\`pip install faiss-cpu\`), writes it to result/index/ and tells what it loses: the share of the 20 best it finds,
and recall and NDCG beside those of exact search, in result/result.json. A job that has ended measures again when it is begun with other settings.

## How it trains

- \`cluster/shard.py\`: some rows of every table with their optimizer. Which rows depends on the number of shards alone.
- \`cluster/worker.py\`: the towers of \`two_tower/\`, on the examples of a worker's own users. A step pulls the rows that its batch reads,
  gathers the item vectors of all workers as candidates (what a user is known to have met is masked, log q counts over all workers), averages
  dense gradients and pushes those of the rows.
- \`cluster/retrieval.py\`, \`cluster/index.py\`: a worker's share of the items, searched exactly and by Faiss.
- \`cluster/links.py\`: the one place that knows how a shard is reached.
- Processors: CPUs. Tables on GPUs (TorchRec) take the place of \`Shard\` behind \`cluster/links.py\`.
`
}
