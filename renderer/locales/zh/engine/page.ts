/** What the page itself says where the engine or its host does not answer. */
export const pageSentences = {
  'The host does not know this page: open its link again.': '主机不认识此页面：请重新打开它给出的链接。',
  'The engine cannot be reached.': '无法连接到引擎。',
  'The connection to the engine went while this was under way: look whether it was done, and start it again if not.':
    '此任务进行时与引擎的连接断开：请查看任务是否已完成，若未完成请重新开始。',
  'The desktop program chooses files in its own dialogs.': '桌面程序通过自己的对话框选择文件。',
  'Only files and folders of this machine can be dropped here.': '这里只能放入本机的文件和文件夹。',
  'The upload was cancelled.': '上传已取消。',
  '{}: the host broke off the upload.': '{0}：主机中断了上传。',
  'The host cannot be reached.': '无法连接到主机。',
  'The host answered with {}.': '主机的应答为 {0}。',
  'another engine took over': '另一个引擎已接管',
  'it ended': '它已退出',
  'the connection broke': '连接已断开',
} as const
