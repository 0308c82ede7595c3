/** What jobs, searches and sentence models say, in Chinese, by the engine's templates: {} is a value there and {0} here, {0!} where it is a word. */
export const jobsSentences = {
  'Recipe "{}" is evaluated otherwise than the first one: set evaluation.seen and evaluation.events alike.':
    '配方“{0}”的评测方式与第一个不同：请让 evaluation.seen 和 evaluation.events 一致。',
  '{}, fold {} of {}': '{0}，第 {1} 折，共 {2} 折',
  '{}: found before': '{0}：先前已得到',
  'A blend is of finished runs: backtest its recipes.': '融合由已完成的运行组成：请回测其配方。',
  'Dataset {} has no test part to measure on: import it with another split.': '数据集 {0} 没有可供测量的测试部分：请换一种划分重新导入。',
  'A run of {} has no vectors that popularity could be added to.': '{0!} 运行没有可以加入热门度的向量。',
  'Dataset {} has no validation part to measure λ on: import it with another split.':
    '数据集 {0} 没有可供选择 λ 的验证部分：请换一种划分重新导入。',
  'What this run keeps was fitted on the validation part too: its log has what it reached there before. Evaluate it on test.':
    '此运行保存的内容也在验证部分上拟合过：它此前在那里的数值见其日志。请在测试部分上评测。',
  'The index holds vectors that were fitted on the validation part too: measure it on test, or leave out --ann.':
    '索引中的向量也在验证部分上拟合过：请在测试部分上测量，或用精确搜索。',
  'A run of {} reads no columns: ask for the ledger of a two-tower.': '{0!} 运行不读取列：请选双塔运行。',
  'Dataset {} has no {} part to measure on.': '数据集 {0} 没有可供测量的{1!}部分。',
  'What this run keeps has learned from the validation part too (Pylon before 0.7 kept no towers of train alone): train it again, or ask for --split test.':
    '此运行保存的内容也学习过验证部分（0.7 之前的 Pylon 不保留只用训练部分的塔）：请重新训练，或在测试部分上测量。',
  'Its ranks are gone.': '它的排名已不在。',
  'MLflow at {} cannot be reached ({}): try again when it answers.': '无法连接 MLflow {0}（{1}）：待它恢复后重试。',
  '{} cannot be written: {}. Give another folder.': '无法写入 {0}：{1}。请换一个文件夹。',
  'A run of {} learns from no negatives: ask a two-tower.': '{0!} 运行不从负样本学习：请选双塔运行。',
  'Dataset {} has no validation part to know liked items by: import it with another split.':
    '数据集 {0} 没有验证部分，无从得知喜欢的物品：请换一种划分重新导入。',
  'What this run keeps has learned from the validation part too (Pylon before 0.7): train it again.':
    '此运行保存的内容也学习过验证部分（0.7 之前的 Pylon）：请重新训练。',
  'There is no metric "{}". There are {}.': '没有指标“{0}”。现有：{1}。',
  'The loss became {} at step {} of the trial: ask for a higher temperature.': '试训到第 {1} 步时损失变为 {0}：请用更高的温度。',
  'λ {}, every weight': 'λ {0}，全部权重',
  'all before the test part, ties by item order': '测试部分之前的全部，同分按物品次序',
  'Run {} was measured by protocol {}, but its dataset now gives {}: train it anew.':
    '运行 {0} 按协议 {1} 测量，而其数据集现在给出 {2}：请重新训练。',
  'Dataset {} has no validation part to learn from: import it with one.': '数据集 {0} 没有可供学习的验证部分：请导入带有它的。',
  'There is no item {}; items are 0 to {}.': '没有物品 {0}；物品为 0 至 {1}。',
  'A run of {} reads no features: skew is of a two-tower.': '{0!} 运行不读取特征：偏差只针对双塔。',
  'Dataset {} has no validation part to measure on: import it with another split.':
    '数据集 {0} 没有可供测量的验证部分：请换一种划分重新导入。',
  'look at slices': '查看切片',
  'The dataset has no test part: there is nothing to evaluate on.': '该数据集没有测试部分：无从评测。',
  'The index serves {}: its top {}, scored again by your function, reach {} {} of {}.':
    '索引按 {0} 检索：其前 {1} 个由您的函数重新打分后，{2} 达到 {3}（本身为 {4}）。',
  'count interactions': '统计交互',
  'epoch {}/{}': '第 {0}/{1} 轮',
  '{} ({}) adds nothing: its share is 0 and it is left out.': '{0}（{1}）没有贡献：其份额为 0，已略去。',
  'read vectors': '读取向量',
  'The dataset has no validation part to choose weights on: all runs count alike. Give others with --weights.':
    '该数据集没有验证部分，无法选择权重：各运行同等计入。可用 --weights 另指定。',
  '{} stays {}: trials of {} epochs, which this much data allows, do not tell what it should be.':
    '{0} 保持 {1}：数据量只允许 {2} 轮的试验，不足以说明它该是多少。',
  'There is no validation part to choose {} by: what is given stays.': '没有验证部分可供选择 {0}：保持给定的值。',
  'Choosing {} on the validation part: trials of {} epochs of {} examples.': '正在验证部分上选择 {0}：试验各 {1} 轮，{2} 个样本。',
  'Stopped while its settings were being chosen.': '在选择设置时停止。',
  'choose settings': '选择设置',
  'Chosen on the validation part: {}.': '在验证部分上选定：{0}。',
  'Trained elsewhere: {}, {} workers, {} shards, {} s.': '在别处训练：{0}，{1} 个工作进程，{2} 个分片，{3} 秒。',
  'The job measured on {} users of the test part, its items in shards: {}.': '该任务在测试部分的 {0} 位用户上测量，物品分片存放：{1}。',
  'Its index {}, nprobe {} ({}), finds {} % of the 20 best: {}.': '其索引 {0}，nprobe {1}（{2}），找到最好 20 个中的 {3} %：{4}。',
  '{} holds no {}: give the folder that pylon export-job wrote.': '{0} 中没有 {1}：请给 pylon export-job 写出的文件夹。',
  '{} is not there any more, or holds no {}: put the job back, and resume the run.':
    '{0} 已不在，或其中没有 {1}：请放回该任务，再恢复运行。',
  '{} lines of {} are left out.': '略去了 {1} 中的 {0} 行。',
  'Following was stopped; the job itself goes on.': '跟随已停止；任务本身继续进行。',
  'wait for the job': '等待任务',
  'The job began: {}, {} workers, {} shards.': '任务开始：{0}，{1} 个工作进程，{2} 个分片。',
  'train elsewhere': '在别处训练',
  '{} has a line that no job writes, and it is left out: {}': '{0} 中有一行不是任务写出的，已略去：{1}',
  'It is not the spec of {}, which the run would be known by: export the job with the spec you want.':
    '它不是 {0} 的规格，而运行以后要凭它辨认：请用想要的规格重新导出任务。',
  'Its encoders are not those that Pylon makes of this dataset now: export the job again.':
    '其编码器与 Pylon 现在由此数据集得到的不同：请重新导出任务。',
  'The job lacks {}: copy it from where the job was exported or has run.': '任务缺少 {0}：请从导出或运行它的地方复制过来。',
  'Its probes are not of this model: rows up to {}, vectors of {}.': '其探测样本不属于此模型：最多 {0} 行，{1} 维向量。',
  "The job had other vectors than Pylon's towers give with its weights (by up to {}, the largest number is {}): it is not taken in.":
    '该任务的向量与 Pylon 的塔用其权重得到的不同（最多相差 {0}，最大的数为 {1}）：不予采用。',
  "{} vectors of the job are those of Pylon's towers, within {}.": '该任务的 {0} 个向量与 Pylon 的塔一致，相差不超过 {1}。',
  '{} is not what was written: the run goes without the vectors of that epoch.': '{0} 与写入时不同：此运行不再有该轮的向量。',
  'The dataset has no validation part: every epoch is trained and the last is kept.': '该数据集没有验证部分：每一轮都训练，保留最后一轮。',
  'No epoch was better on validation than the start in closed form: that is what is kept. Other settings may train better.':
    '没有一轮在验证部分上超过闭式解的起点：保留的就是它。其他设置也许训练得更好。',
  'Before the first epoch it reaches {} {} on the validation part.': '第一轮之前，它在验证部分上达到 {0} {1}。',
  'Fitting again on train + validation.': '在训练 + 验证部分上再次拟合。',
  'Epoch {} was best on validation; training again on train + validation for as many epochs.':
    '第 {0} 轮在验证部分上最好；在训练 + 验证部分上从头训练同样多的轮数。',
  'Epoch {} was best on validation; going on from it with train + validation, the last {} epochs once more.':
    '第 {0} 轮在验证部分上最好；由此在训练 + 验证部分上继续，再做最后 {1} 轮。',
  'The run to start from has no model any more.': '作为起点的运行已没有模型。',
  'Going on in epoch {}, after {} of its steps.': '从第 {0} 轮继续，已完成其中 {1} 步。',
  'final fit': '最终拟合',
  'Epoch {}: {}': '第 {0!} 轮：{1}',
  'Stopped; a checkpoint was written.': '已停止；检查点已写入。',
  '{} users × {} items at width {}': '{0} 位用户 × {1} 个物品，宽度 {2}',
  'The decomposition of {} needs about {} GB, more than memoryGb {}. Raise it, or make the ids narrower.':
    '{0} 的分解约需 {1} GB，超过 memoryGb {2}。请提高它，或让 id 更窄。',
  'The decomposition of {} needs about {} GB.': '{0} 的分解约需 {1} GB。',
  '{} rows of tables start from the closed form: {}.': '{0} 行嵌入从闭式解开始：{1}。',
  'What items contain foretells {} % of the vectors of items that were held out.': '由物品内容可以预示留出物品向量的 {0} %。',
  'rank {}, filter e^({} σ), γ {}': '秩 {0}，滤波 e^({1} σ)，γ {2}',
  ', κ {}, {} times what features foretell': '，κ {0}，特征所预示的乘以 {1}',
  'Nothing held out in the validation part is of the slice "{}". Take another metric, such as ndcg@20.':
    '验证部分的留出物品都不属于切片“{0}”。请用其他指标，如 ndcg@20。',
  'A blend is no trial: its runs are what is searched over.': '融合不能作试验：搜索的是它的各个运行。',
  'ran out of memory': '内存不足',
  'was killed (SIGKILL), perhaps for want of memory': '被终止（SIGKILL），可能是内存不足',
  "The job's process {}.": '任务的进程{0}。',
  "The job's process died ({}).": '任务的进程已退出（{0}）。',
  'The engine is closing.': '引擎正在关闭。',
  'There is no job "{}" under way.': '没有正在进行的任务“{0}”。',
  'it was interrupted': '它被中断了',
  'it is among the best after {} epochs': '它在 {0} 轮之后是最好的之一',
  'it is among the best of all': '它是全部之中最好的之一',
  'hangs on "{}", which is no choice of the space.': '取决于“{0}”，而它不是搜索空间中的选项。',
  'hangs on itself.': '取决于它自己。',
  'These are not the vectors that were written. Delete the file: it is made again when it is needed.':
    '这些不是写入时的向量。请删除此文件：需要时会重新生成。',
  'encode texts': '编码文本',
  'ONNX Runtime cannot open the model: {}': 'ONNX Runtime 无法打开此模型：{0}',
  'The model reads {}, and Pylon gives {}. Export it again for feature extraction.':
    '模型读取 {0}，而 Pylon 提供 {1}。请为特征提取重新导出。',
  'The model cannot run on "{}": {} Its tokenizer.json may be another model\'s: copy both from one place.':
    '模型无法处理“{0}”：{1} 其 tokenizer.json 可能属于另一个模型：请从同一处复制两者。',
  'The model made no vector of "{}". Choose another model.': '模型没有给出“{0}”的向量。请另选模型。',
  'no 1_Pooling/config.json, which says how the vectors of its tokens become one':
    '没有 1_Pooling/config.json，它说明各词元的向量如何合成一个',
  'no vectors of tokens': '没有词元的向量',
  'The model has {}; it gives {}. Copy what is missing from where it came from.': '模型{0}；它给出 {1}。请从来源处复制缺少的文件。',
  'there is none yet': '还没有任何模型',
  'There is no sentence model "{}" in {}; {}. pylon encoders says where to get some.':
    '{1} 中没有句子模型“{0}”；{2}。pylon encoders 说明从何处获取。',
  'The model was trained with another sentence model "{}" (checksum {}…). Put that one back in its place.':
    '此模型是用另一个句子模型“{0}”（校验和 {1}…）训练的。请把它放回原处。',
  'The model reads texts with the sentence model "{}" (checksum {}…), which is not here. Put its folder into "{}" of the workspace or bundle, or name the folder it lies in by PYLON_ENCODERS.':
    '此模型用句子模型“{0}”（校验和 {1}…）读取文本，而它不在这里。请把其文件夹放入工作区或模型包的“{2}”，或用 PYLON_ENCODERS 指定其所在的文件夹。',
  'A sentence model has a model.onnx here, or in a folder "onnx". Export it to ONNX, or name another folder.':
    '句子模型应在此处或文件夹“onnx”中有 model.onnx。请导出为 ONNX，或指定另一个文件夹。',
  'The model has no tokenizer.json, by which texts become tokens. Copy it from where the model came from.':
    '模型没有 tokenizer.json，无法把文本切成词元。请从模型来源处复制。',
  'It does not say how the vectors of tokens become one. Copy it again from where it came from.':
    '它没有说明各词元的向量如何合成一个。请从来源处重新复制。',
  'without its prompt': '不含提示词',
  'Pylon pools by mean, cls or max, over all tokens, and the model by {}. Choose another model.':
    'Pylon 对全部词元按 mean、cls 或 max 池化，而此模型按 {0}。请另选模型。',
  'After pooling the model has a step "{}", which Pylon does not run. Choose another model.':
    '模型在池化之后还有一步“{0}”，Pylon 不执行它。请另选模型。',
  'It is not JSON. Copy it again from where it came from.': '它不是 JSON。请从来源处重新复制。',
  'This tokenizer cannot be read ({}). Choose another model.': '无法读取此分词器（{0}）。请另选模型。',
} as const
