export default {
  title: 'Serve',
} as const
