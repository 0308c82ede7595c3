/** What exports and bundles say, in Chinese, by the engine's templates: {} is a value there and {0} here, {0!} where it is a word. */
export const exportSentences = {
  'is for formats of vectors, and of towers that end in a graph: {}. {} carries the run as it was trained: swap it whole.':
    '仅适用于向量格式，以及以计算图结尾的塔：{0}。{1} 按训练所得保存运行：请整体替换。',
  'The run matches by a function of its own, whose scores a rotation may change: swap both together.':
    '此运行用自定义函数匹配，旋转可能改变其分数：请两者一起替换。',
  '{} before, {} now': '之前 {0}，现在 {1}',
  'write scripts': '写出脚本',
  'measure in Python': '在 Python 中测量',
  'no Python here: npm run setup:python': '这里没有 Python：npm run setup:python',
  'The runs of this blend read two sentence models that are called "{}": export them one by one.':
    '此融合的各运行读取两个同名的句子模型“{0}”：请逐个导出。',
  'carry sentence models': '加入句子模型',
  'ask the probes': '询问探测样本',
  'The vectors are of {} users and {} items of width {}, the manifest of {}, {} and {}.':
    '向量属于 {0} 位用户和 {1} 个物品、宽度 {2}，而清单上是 {3}、{4} 和 {5}。',
  'There is no bundle here.': '这里没有模型包。',
  'No bundle can be opened here ({}).': '无法在此打开模型包（{0}）。',
  'It is a link or no plain file: it is refused.': '它是链接或不是普通文件：已拒绝。',
  'It has {} bytes; a manifest has fewer than {}.': '它有 {0} 字节；清单应少于 {1} 字节。',
  'It has no {}: it is no bundle of Pylon.': '其中没有 {0}：它不是 Pylon 的模型包。',
  'Its format is {}, not "{}": it is no bundle of Pylon.': '其格式是 {0}，而不是“{1}”：它不是 Pylon 的模型包。',
  'It is of version {}, and this Pylon reads up to {}: use a newer Pylon.': '其版本是 {0}，而此 Pylon 最高读到 {1}：请用更新的 Pylon。',
  'It does not fit its schema. {}': '它不符合规定的结构。{0}',
  '{} is not in its manifest: somebody added it.': '{0} 不在其清单中：是后来加进去的。',
  'It has {} bytes instead of {}: it was cut or changed; get the bundle again.':
    '它有 {0} 字节，而不是 {1!} 字节：被截断或改动；请重新获取模型包。',
  'Its manifest does not list {}: it is not whole.': '其清单没有列出 {0}：它不完整。',
  '{} is a link or no plain file: it is refused.': '{0} 是链接或不是普通文件：已拒绝。',
  'check files': '检查文件',
  'It is missing: the bundle is not whole; get it again.': '缺少该文件：模型包不完整；请重新获取。',
  'Its checksum differs: it was damaged or changed; get the bundle again.': '校验和不同：已损坏或被改动；请重新获取模型包。',
  'This Pylon cannot read it. {}': '此 Pylon 无法读取它。{0}',
  'It is of a {}; bundles are of two-tower runs and blends.': '它是 {0!} 的包；模型包只含双塔运行和融合。',
  'Its match is a module, which would have to be run as code from a file of somebody else: it is refused.':
    '其匹配是一个模块，需要执行他人文件中的代码：已拒绝。',
  'carry the dataset': '加入数据集',
  'record probes': '记录探测样本',
  'write the model card': '写出模型卡',
  "Its users have several vectors each, which the bundle's search does not serve: export it as vectors.":
    '其用户各有多个向量，模型包的搜索不支持：请以向量导出。',
  'Its match is a module, a file of code, which a bundle does not carry and never runs':
    '其匹配是一个模块，即代码文件，模型包不携带也从不执行',
  'Its match is "{}", which the bundle\'s search does not serve': '其匹配为“{0}”，模型包的搜索不支持',
  '{}: export it as vectors.': '{0}：请以向量导出。',
  'The entry {} has {} bytes; it has fewer than {}.': '条目 {0} 有 {1} 字节；应少于 {2} 字节。',
  'It has {} entries; a bundle has fewer than {}.': '其中有 {0} 个条目；模型包应少于 {1} 个。',
  'The entry {} is no plain file.': '条目 {0} 不是普通文件。',
  'The entry {} occurs twice.': '条目 {0} 出现了两次。',
  'The entry {} claims to become {} bytes from {}.': '条目 {0} 声称由 {2} 字节展开为 {1} 字节。',
  'Its entries claim to become {} bytes from an archive of {}.': '各条目声称由 {1} 字节的压缩包展开为 {0} 字节。',
  'Unpacked it has {}; the disk of the workspace has {} free.': '解压后有 {0}，而工作区所在磁盘只剩 {1}。',
  'The path "{}" leads out of the bundle: it is refused.': '路径“{0}”指向模型包之外：已拒绝。',
  'There is no such file.': '没有这个文件。',
  'A path in it leads out of the bundle ({}): it is refused.': '其中有路径指向模型包之外（{0}）：已拒绝。',
  'It is no whole .zip ({}): get it again.': '它不是完整的 .zip（{0}）：请重新获取。',
  'write interactions': '写出交互',
  'Steps with dropout or hidden ids cannot be written down: set dropout, embeddingDropout and unknownRate to 0.':
    '含 dropout 或隐藏 id 的训练步无法写出：请将 dropout、embeddingDropout 和 unknownRate 设为 0。',
  'record steps': '记录训练步',
  'write {}': '写出 {0}',
  'A job starts from drawn tables, not from {}: --set training.init.kind=random{}':
    '集群任务从随机的嵌入表开始，而不是从 {0}：--set training.init.kind=random{1}',
  'A job starts from no other run: --set training.warmStart=null': '集群任务不能从另一个运行开始：--set training.warmStart=null',
  'A job has all its settings chosen: train a run here, which chooses them, and say --config FOLDER/spec.json with its folder (pylon show RUN tells it), or take them as they stand: --set training.choose=[]':
    '集群任务的设置须已选定：请先在本机训练一次运行来选定，再用 --config 文件夹/spec.json（pylon show RUN 会给出其文件夹），或按现状使用：--set training.choose=[]',
  'A job measures {} on the validation part, not {}: --set training.earlyStopping.metric={}':
    '集群任务在验证部分上测量 {0}，而不是 {1}：--set training.earlyStopping.metric={2}',
  'write code': '写出代码',
  'write data': '写出数据',
  'A job does not cover {}: train it here (pylon train), or set it otherwise.': '集群任务不支持{0!}：请在此训练，或改用其他设置。',
  'The project does not cover {}: export the run as onnx, vectors or bundle.': '项目代码不支持{0!}：请以 onnx、向量或模型包导出。',
  'the match "{}", a function of your own': '匹配“{0}”，即自定义函数',
  'a scheduled temperature': '按计划变化的温度',
  'the estimator "{}", which learns while it trains': '估计器“{0}”，它在训练中学习',
  'several interests of a user': '一个用户的多个兴趣',
  "{} is inside the workspace's own data ({}): give a folder elsewhere.": '{0} 在工作区自己的数据（{1}）之内：请选别处的文件夹。',
  '{} is inside the bundle {}: give a place elsewhere.': '{0} 在模型包 {1} 之内：请选别的位置。',
  '{} is a file: give a folder that is new or empty.': '{0} 是文件：请选新的或空的文件夹。',
  '{} is not empty (it holds {}): give a folder that is new or empty.': '{0} 不是空的（其中有 {1}）：请选新的或空的文件夹。',
  '{} can no longer be replaced ({}): give a folder that is new or empty.': '{0} 已无法替换（{1}）：请选新的或空的文件夹。',
  '{} is written into a folder: give one that is new or empty.': '{0} 要写入文件夹：请选新的或空的文件夹。',
  '{} can no longer be written ({}): give a new name.': '{0} 已无法写入（{1}）：请换一个名称。',
  'This run has no {}, so it cannot be exported as {}: choose a two-tower run that has finished.':
    '此运行没有 {0}，因此无法以 {1} 导出：请选已完成的双塔运行。',
  'copy files': '复制文件',
  'Restore it from a backup, or train the run again.': '请从备份恢复，或重新训练此运行。',
  '{} has the shape ({}), which does not fit {}: train the run again.': '{0} 的形状为（{1}），与 {2} 不符：请重新训练此运行。',
  'protocol {}': '协议 {0}',
  'What int8 costs is measured on the test part, which this dataset does not have: export without it.':
    'int8 的代价在测试部分上测量，而该数据集没有测试部分：请不带它导出。',
  'write int8 towers': '写出 int8 双塔',
  'The experiment {} of MLflow at {} lies in its trash: restore it (mlflow experiments restore), or name another by MLFLOW_EXPERIMENT_NAME.':
    'MLflow {1} 上的实验 {0} 在其回收站中：请恢复它（mlflow experiments restore），或用 MLFLOW_EXPERIMENT_NAME 另指定一个。',
  '{} answers, but not as a server of MLflow does: check the address (mlflow:http://HOST:5000).':
    '{0} 有回应，但不像 MLflow 服务器：请检查地址（mlflow:http://主机:5000）。',
  'status {}': '状态 {0}',
  'MLflow at {} {}': 'MLflow {0} {1}',
  'does not let this run in ({}): set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.':
    '不允许访问（{0}）：请设置 MLFLOW_TRACKING_TOKEN，或 MLFLOW_TRACKING_USERNAME 和 MLFLOW_TRACKING_PASSWORD。',
  'sends elsewhere: give the address where it sends to.': '转向别处：请填写它所转向的地址。',
  'check the address (mlflow:http://HOST:5000)': '请检查地址（mlflow:http://主机:5000）',
  'no answer within {} s': '{0} 秒内没有回应',
  'MLflow at {} has not heard all of run {}. When it answers again: {}': 'MLflow {0} 没有收到运行 {1} 的全部内容。待它恢复后：{2}',
  'MLflow at {} has not heard how the search ended: {}': 'MLflow {0} 没有收到搜索如何结束：{1}',
  'MLflow at {} answers again and has heard what it missed.': 'MLflow {0} 已恢复，并已收到此前缺少的内容。',
  'Run {} is no longer told to MLflow: {} Then: {}': '不再向 MLflow 发送运行 {0}：{1} 然后：{2}',
  'MLflow at {} cannot be reached ({}): the training goes on, and it is told later.': '无法连接 MLflow {0}（{1}）：训练继续，稍后再发送。',
  'is for formats of vectors alone: {}.': '仅适用于向量格式：{0}。',
  "The run was trained for its whole vectors alone: train one with --set 'training.matryoshka=[{}]'.":
    "此运行只为完整的向量而训练：请用 --set 'training.matryoshka=[{0}]' 训练一个。",
  'The run was trained for the first {} numbers of its vectors.': '此运行为其向量的前 {0} 个数而训练。',
  'A notebook computes the metrics of the run again, for which its dataset needs a test part: a bundle carries none, and some imports have none. Export it as vectors.':
    'Notebook 要重新计算运行的指标，为此数据集需要测试部分：模型包不带它，有些导入也没有。请以向量导出。',
  'its items enter the tower one by one, the most recent first, with their ages and events':
    '其物品按由近及远逐个进入塔，并带有距今时间和事件',
  'its values are hashed (MurmurHash3), which standard ONNX operators cannot do': '其取值经过哈希（MurmurHash3），标准 ONNX 算子无法做到',
  'its words and character n-grams are cut by Unicode rules and hashed (MurmurHash3), which standard ONNX operators cannot do':
    '其词与字符 n-gram 按 Unicode 规则切分并哈希（MurmurHash3），标准 ONNX 算子无法做到',
  'its vector is made by the sentence model "{}", a graph and a tokenizer of their own':
    '其向量由句子模型“{0}”生成，它有自己的计算图和分词器',
  'the kind {} has no ONNX form': '类型 {0} 没有 ONNX 形式',
  'write towers': '写出双塔',
  'its encoder has no ONNX form': '其编码器没有 ONNX 形式',
  'Python could not run it: {}': 'Python 无法运行它：{0}',
  'A project trains one model, and a blend is made of several: export {}, or the blend as onnx or as a bundle.':
    '项目代码只训练一个模型，而融合由多个组成：请分别导出 {0}，或以 onnx、模型包导出融合。',
  'A run of {} has no towers: export it as vectors.': '{0!} 运行没有塔：请以向量导出。',
  'Dataset "{}" was replaced since this run was trained on it: train the run again.':
    '此运行训练后，数据集“{0}”已被替换：请重新训练此运行。',
  'write items': '写出物品',
  'The towers use {}, which is not written for TensorFlow.js yet: export them as onnx.':
    '塔使用了 {0}，尚不能写成 TensorFlow.js：请以 onnx 导出。',
  'write {}s': '写出{0!}',
  'A line of it is no checksum: export the run again.': '其中有一行不是校验和：请重新导出此运行。',
  'Export the run again.': '请重新导出此运行。',
  'It was made before Pylon said in metric.json how its vectors rank. Exports of that time rank by the dot product or the cosine, also of a run that matches by Euclidean distance or by a function of its own, whose lists they get wrong. Export the run again.':
    '它导出时 Pylon 还不在 metric.json 中说明向量如何排序。那时的导出一律按内积或余弦排序，对按欧氏距离或自定义函数匹配的运行会得到错误的列表。请重新导出此运行。',
  'compare files': '比较文件',
  'put files together': '拼合文件',
  '{} is not what its {} says: get the delta again.': '{0} 与其 {1} 所述不符：请重新获取差异包。',
  'It is a delta from run {} ({}), as bundled at {}, and this bundle is of run {}, made at {}: apply it to the bundle that it was made from.':
    '这是从运行 {0}（{1}，打包于 {2}）出发的差异包，而此模型包属于运行 {3}，制作于 {4}：请把它用于制作它时所依据的模型包。',
  'The new bundle has {} MB, and the disk {} MB of room.': '新的模型包有 {0} MB，磁盘只剩 {1} MB。',
  'It has no {}: get the delta again.': '其中没有 {0}：请重新获取差异包。',
  'It has no {}: it is no delta of Pylon. A bundle is used as it is.': '其中没有 {0}：它不是 Pylon 的差异包。模型包可直接使用。',
  '{} does not fit its schema. {}': '{0} 不符合其格式。{1}',
  '{} is in it twice.': '{0} 在其中出现两次。',
  'The pieces of {} are not its {} bytes.': '{0} 的各片段合起来不是它的 {1} 字节。',
  'It takes pieces of {}, which the bundle it is applied to does not have.': '它取用 {0} 的片段，而所依据的模型包没有这个文件。',
  'A piece of {} is beyond the end of what it is taken from: get the delta again.': '{0} 的一个片段超出了其来源的末尾：请重新获取差异包。',
  'What became of {} is not what was bundled: get the delta again.': '拼合出的 {0} 与打包时的不同：请重新获取差异包。',
} as const
