/** Small sentence models that are good at what they are for (MTEB, Muennighoff et al. 2023), with a graph of their own for ONNX Runtime. */
export const KNOWN_MODELS = [
  { name: 'sentence-transformers/all-MiniLM-L6-v2', languages: 'English', dimensions: 384, megabytes: 23, licence: 'Apache-2.0' },
  { name: 'BAAI/bge-small-en-v1.5', languages: 'English', dimensions: 384, megabytes: 34, licence: 'MIT' },
  { name: 'intfloat/multilingual-e5-small', languages: '100 languages', dimensions: 384, megabytes: 118, licence: 'MIT' },
  { name: 'BAAI/bge-small-zh-v1.5', languages: 'Chinese', dimensions: 512, megabytes: 24, licence: 'MIT' },
] as const
