export default {
  title: 'Run',
} as const
