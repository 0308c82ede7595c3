export default {
  title: 'Inspect',
} as const
