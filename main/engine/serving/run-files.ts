/** The files of a finished run's folder: what each is called is said once, here. */

export const RUN_FILES = {
  spec: 'spec.json',
  encoders: 'encoders.json',
  weights: 'weights.safetensors',
  userVectors: 'user_vectors.npy',
  userIds: 'user_ids.json',
  itemVectors: 'item_vectors.npy',
  itemIds: 'item_ids.json',
  index: 'item.index',
  protocol: 'protocol.json',
  metrics: 'metrics.json',
  userTower: 'user_tower.onnx',
  itemTower: 'item_tower.onnx',
  /** the newest measurement of a second stage; only where one was asked for */
  reranked: 'reranked.json',
} as const
