export default {
  title: 'Runs',
} as const
