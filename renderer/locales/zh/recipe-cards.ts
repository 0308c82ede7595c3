/** Lines of the cards of recipes in Chinese by the engine's words for them: what the paper says, ingredients, what is otherwise here; a test asks for each. */
export const cardLines: Readonly<Record<string, string>> = {
  'features chosen by the columns’ kinds': '特征按列的类型选取',
  'a hidden layer of 128 with layer norm, output 64': '一个 128 宽的隐藏层加 layer norm，输出 64',
  'cosine, τ 0.07': '余弦，τ 0.07',
  'in-batch softmax, logQ corrected': '批内 softmax，logQ 修正',
  'interactions of all pairs of features, in time linear in their number': '所有特征两两之间的交互，耗时与特征数成线性',
  'one vector a value of a feature, added up': '特征的每个取值一个向量，相加',
  'dot product of the two sums': '两侧之和的点积',
  'softmax over the batch with logQ correction, on cosines, instead of a regression': '以余弦上的批内 softmax（带 logQ 修正）代替回归',
  'three epochs along a cosine, eight where users have a hundred interactions: towers of many columns overfit soon, and a learning rate that falls to 0 meanwhile gives more than stopping does':
    '学习率沿余弦下降的三轮，用户平均有一百次交互时为八轮：列多的塔很快过拟合，学习率在其间降到 0 比提前停止更好',
  'the periods of the training time that the request falls in and the item came in, where there are times: worth much where the last of each user is held out, nothing where all that is tested comes later (docs/default.md)':
    '有时间时，读取请求与物品上架各落在训练时间的哪一段：留出每个用户最后一次时作用很大，测试全部在训练之后时毫无作用（docs/default.md）',
  'sampled softmax trains over 100 times as fast as the full one': '抽样 softmax 的训练比完整的 softmax 快 100 倍以上',
  'the age of the example as an input captures what is new; it is 0 when serving': '以样本的年龄作为输入，可捕捉新内容；服务时取 0',
  'an equal number of examples per user keeps heavy users from dominating': '每个用户的样本数相同，重度用户便不会主导',
  'predicting a future watch from the history before it is far better than a held-out one from all others':
    '由此前的历史预测之后的观看，远好于由其余全部预测留出的一个',
  'mean of the last 50 watches and mean of the last 50 searches, 256-d': '最近 50 次观看与最近 50 次搜索的均值，256 维',
  'geography, device, gender, age; no user id': '地区、设备、性别、年龄；不用用户 id',
  'ReLU tower 1024 → 512 → 256; a video is its embedding': 'ReLU 塔 1024 → 512 → 256；视频即其嵌入',
  'several thousand negatives, importance weighted; dot product': '数千个负样本，按重要性加权；点积',
  'a tower 256 → 128 → 64, for thousands of items instead of a million': '塔为 256 → 128 → 64，面向数千而非上百万个物品',
  'one history an event type in place of watches and search tokens: the data has no queries':
    '以每种事件一段历史代替观看与搜索词：数据中没有查询',
  'at most 64 examples a user and epoch': '每个用户每轮至多 64 个样本',
  'popular items are over-punished as in-batch negatives; s(x, y) − log p(y) corrects it':
    '热门物品作为批内负样本受罚过重；s(x, y) − log p(y) 予以修正',
  'a streaming estimate of the gap between occurrences follows a changing distribution': '对出现间隔的流式估计能跟上变化的分布',
  'normalised vectors and a tuned temperature raise recall': '归一化的向量与调好的温度提高召回率',
  'ids shared by history and candidates; ids never seen go to hash buckets': '历史与候选共用 id；未见过的 id 进入散列桶',
  'in-batch softmax, weighted by reward (1: watched to the end)': '批内 softmax，按收益加权（1：看到最后）',
  'streaming estimate over hashed arrays': '基于散列数组的流式估计',
  'both sides L2-normalised, temperature; trained in order of days': '两侧均 L2 归一化，带温度；按日期先后训练',
  'an unknown row, trained by hiding one id in ten, in place of hash buckets: new items need no id of their own':
    '以一个“未知”行代替散列桶，训练时每十个 id 隐去一个：新物品无需自己的 id',
  'items without feedback are never in-batch negatives, so their vectors are never pushed away; uniform ones cure it':
    '没有反馈的物品从不作批内负样本，其向量便从未被推开；均匀负样本可补救',
  'B′, the number of uniform negatives, is a dial between the unigram and the uniform distribution':
    '均匀负样本的个数 B′ 是频率分布与均匀分布之间的旋钮',
  'B in-batch and B′ uniform negatives': 'B 个批内负样本与 B′ 个均匀负样本',
  'logits corrected by the mixture of both': 'logit 按两者的混合修正',
  'all features on both sides': '两侧都用全部特征',
  'B′ equals B: the paper’s sizes could not be read': 'B′ 等于 B：无法读到论文中的大小',
  'uniform over the whole catalogue as in the paper. On the sample market that is not the cure it was there: recall@20 is .206 against .215 of the batch alone, in each of three seeds, and items that training never met are only pushed away, .02 against .12 where the uniform ones are drawn among items met (loss.sampler popularity with alpha 0). On ml-latest-small it is not told apart (docs/ingredients.md)':
    '如论文那样在整个目录上均匀抽样。在示例市场上它并无那里的疗效：recall@20 为 .206，仅用批内则为 .215，三个种子皆如此；训练从未遇到的物品只会被推开，.02 对比 .12（均匀负样本只取自遇到过的物品时，即 loss.sampler 为 popularity 且 alpha 0）。在 ml-latest-small 上区分不出（docs/ingredients.md）',
  'click-through of similar listings +21 %, bookings from it +4.9 %': '相似房源的点击率 +21%，由此而来的预订 +4.9%',
  'negatives of the same market teach differences within it; without them it is only the market that is learned':
    '同一市场的负样本教会市场之内的差别；没有它们，学到的只是市场本身',
  'the mean of three near listings of the same type covers 98 % of new listings': '三个相近的同类房源的均值覆盖 98% 的新房源',
  'skip-gram with negative sampling, d 32, sessions end after 30 minutes': '带负采样的 skip-gram，维数 32，会话在 30 分钟后结束',
  'the booked listing as context of the whole session': '被预订的房源作为整个会话的上下文',
  'extra negatives of the same market': '另加同一市场的负样本',
  'cold start by near and similar listings': '由相近、相似的房源冷启动',
  'the user is the mean of the last 10 listings before: the window of a skip-gram, looking back only, so that nothing leaks':
    '用户是此前最近 10 个房源的均值：即 skip-gram 的窗口，但只向后看，因此没有泄漏',
  'the booked listing counts as every example of its session by the all-action objective and its weight':
    '被预订的房源通过“全部行为”目标及其权重计入会话的每个样本',
  'negatives are shared by the batch, and their mean weighs 5 like the five of word2vec':
    '负样本由整批共用，其均值的权重为 5，如 word2vec 的五个',
  'a new listing gets its vector from place, type and text through the item tower instead of the mean of three neighbours':
    '新房源的向量由物品塔根据位置、类型与文本得到，而非三个近邻的均值',
  'homes seen in the trip and not booked are the right negatives: random ones are too easy':
    '行程中看过而未订的房源才是合适的负样本：随机的太容易',
  'Euclidean distance gives balanced clusters where dot product does not': '欧氏距离给出均衡的簇，点积则不然',
  'a significant gain in bookings online': '线上预订显著增加',
  'two towers; listings are embedded offline each day': '双塔；房源的嵌入每天离线计算',
  'negatives from the same trip': '负样本取自同一行程',
  'Euclidean similarity, an IVF-style index whose clusters serve as a filter': '欧氏相似度，IVF 式索引，其簇用作过滤条件',
  'HNSW in place of IVF: the catalogue fits in memory, and Pylon’s index has no clusters':
    '以 HNSW 代替 IVF：目录放得进内存，且 Pylon 的索引没有簇',
  'a trip is a session: events less than a day apart': '行程即会话：间隔不到一天的事件',
  'uniform negatives beside those of the trip: without any the vectors of other places are never pushed apart, and recall@20 of bookings on the sample market is .08 instead of .29':
    '在行程的负样本之外另加均匀负样本：否则其他地方的向量从不会被推开，示例市场上预订的 recall@20 为 .08 而非 .29',
  'on the sample market the trip’s negatives beside uniform ones are not told apart from uniform ones alone, recall@20 of bookings .305 against .291 over three seeds (docs/ingredients.md)':
    '在示例市场上，行程负样本加均匀负样本与仅用均匀负样本区分不出：三个种子上预订的 recall@20 为 .305 对 .291（docs/ingredients.md）',
  'predicting all actions of the next 14 days makes vectors that may be computed once a day, almost as good as real-time ones':
    '预测之后 14 天的全部行为，得到的向量每天算一次即可，几乎与实时的一样好',
  'in-batch and random negatives together, corrected by logQ, beat either': '批内与随机负样本并用并经 logQ 修正，胜过任何一种',
  'every user weighs alike': '每个用户权重相同',
  'action = item embedding, action type, surface, duration, time': '行为 = 物品嵌入、行为类型、界面、时长、时间',
  'causal pre-norm transformer': '因果的 pre-norm Transformer',
  'dense all-action loss over a 14-day horizon': '14 天范围内的稠密“全部行为”损失',
  'mixed negatives, logQ by count-min sketch; learned temperature of at least 0.01; L2 on both sides':
    '混合负样本，用 count-min sketch 做 logQ；学习的温度不低于 0.01；两侧 L2',
  '1 layer of 2 heads over the last 50 actions: a step of 1,024 examples takes about 0.4 s of one core, ten times a step of pooled histories':
    '1 层 2 头，读最近 50 个行为：1,024 个样本的一步约占一个核 0.4 秒，是汇总历史的十倍',
  'the order of the last actions is worth something on ml-latest-small, recall@20 .107 against .084 where it is lost, in each of three seeds; on the sample market .195 against .188 is not told apart (docs/ingredients.md)':
    '最近行为的次序在 ml-latest-small 上有价值：recall@20 .107，失去次序则为 .084，三个种子皆如此；在示例市场上 .195 对 .188，区分不出（docs/ingredients.md）',
  'of each example one earlier moment of the user is drawn, in place of 32 targets of one window: the same pairs, one a row':
    '每个样本抽取用户的一个较早时刻，代替一个窗口的 32 个目标：配对相同，每行一对',
  'item embeddings are learned here; PinSage vectors are not at hand': '物品嵌入在此处学习；没有现成的 PinSage 向量',
  'random negatives are drawn among items that training has met (popularity with α 0): the others would only be pushed away':
    '随机负样本取自训练遇到过的物品（popularity，α 0）：其余的只会被推开',
  'gross merchandise value per user up to +7 %, clicks +11 %': '每用户成交额至多 +7%，点击 +11%',
  'one vector serves several tasks': '一个向量服务多个任务',
  'text and image features as tokens of one transformer layer with 8 heads; a summary token goes on':
    '文本与图像特征作为一层 8 头 Transformer 的记号；由一个汇总记号输出',
  'a hash embedder of 100,000 rows for text': '文本用 100,000 行的散列嵌入',
  'multi-task over kinds of engagement': '对多种互动做多任务学习',
  'frozen query encoders': '冻结的查询编码器',
  '4 heads over 64 dims; the user tower is trained too: there are no query encoders to freeze':
    '64 维上 4 个头；用户塔也一起训练：没有可冻结的查询编码器',
  'no item id: an item is what it says, so new items are like all others': '没有物品 id：物品即其内容，因此新物品与其他物品一样',
  '20,000 hashed rows of text': '文本散列为 20,000 行',
  'online hard negatives: +8.38 % recall (people), +7 % (groups), +5.33 % (events)':
    '在线难负样本：召回率 +8.38%（人）、+7%（群组）、+5.33%（活动）',
  'more than two hard negatives a positive hurt': '每个正样本的难负样本多于两个则有害',
  'the margin changes recall by 5 to 10 %': '间隔使召回率变化 5% 到 10%',
  'impressions without a click as the only negatives: −55 % recall against random ones':
    '只以有展示而无点击者作负样本：召回率比随机负样本 −55%',
  'triplet loss, cosine distance, tuned margin': '三元组损失，余弦距离，间隔经调节',
  'unified embedding: text, place and social features': '统一嵌入：文本、地点与社交特征',
  'random and in-batch hard negatives': '随机负样本与批内难负样本',
  '512 random negatives shared by the batch; margin 0.2, to be tuned': '512 个随机负样本由整批共用；间隔 0.2，待调节',
  'the user’s history and columns stand for the query': '用户的历史与各列代替查询',
  'the claim of hard negatives holds on the sample market where they weigh: beside two random ones a row, in batches of 16, two lift recall@20 in each of three seeds, .142 to .159, and eight lower it to .126; on ml-latest-small two lower it already, .090 to .074 (docs/ingredients.md). Beside 512 random ones, as here, two weigh little':
    '难负样本的结论在示例市场上成立，只要它们有分量：每行两个随机负样本、每批 16 时，两个难负样本在三个种子上都提高 recall@20，.142 到 .159，八个则降到 .126；在 ml-latest-small 上两个已使之下降，.090 到 .074（docs/ingredients.md）。如此处在 512 个随机负样本之外，两个的分量很小',
  'random negatives are drawn among items that training has met (popularity with α 0): those it has not are only pushed away, which on the sample market takes the recall@20 of cold items from .17 to .02':
    '随机负样本取自训练遇到过的物品（popularity，α 0）：未遇到的只会被推开，在示例市场上这使冷启动物品的 recall@20 从 .17 降到 .02',
  'negatives from ranks 101–500 beat the hardest ones': '第 101–500 位的负样本胜过最难的',
  'easy to hard up to 100:1 still helps; hard to easy transfers, easy to hard does not':
    '易难比直到 100:1 仍有帮助；先难后易可迁移，先易后难则不行',
  'mining one random shard is enough': '只挖掘一个随机分片即足够',
  'a search of the catalogue by the present model, refreshed as it trains': '用当前模型搜索目录，随训练更新',
  'rank window 101–500': '名次窗口 101–500',
  'easy:hard 100:1': '易难比 100:1',
  'the whole catalogue is searched, exactly, after each epoch': '每轮之后精确搜索整个目录',
  'half of the rows have a mined negative beside the 512 easy ones of the batch, about 100:1 by number':
    '一半的行除整批的 512 个容易负样本外另有一个挖掘的负样本，按个数约 100:1',
  'beside two random ones a row, one mined of ranks 60–300 lifts recall@20 on the sample market in each of three seeds, .142 to .159, and one of ranks 1–20 lowers it to .124; on ml-latest-small .101 against .090 is not told apart, and ranks 1–20 lower it to .059 (docs/ingredients.md)':
    '每行两个随机负样本之外，一个第 60–300 位的挖掘负样本在示例市场上的三个种子都提高 recall@20，.142 到 .159，第 1–20 位的则降到 .124；在 ml-latest-small 上 .101 对 .090 区分不出，第 1–20 位的降到 .059（docs/ingredients.md）',
  'the softmax loss is robust to noisy negatives and fair to the long tail': 'softmax 损失对有噪声的负样本稳健，对长尾公平',
  'recall@20 .1759 on Gowalla (BSL repository)': 'Gowalla 上 recall@20 .1759（BSL 代码库）',
  'd 64, both sides L2-normalised': '维数 64，两侧均 L2 归一化',
  '800 negatives of each positive, uniform': '每个正样本 800 个均匀负样本',
  'learning rate 1e-4, τ 0.08 on Gowalla and 0.11 on Yelp2018': '学习率 1e-4，τ 在 Gowalla 上 0.08、Yelp2018 上 0.11',
  'up to 2,048 negatives are drawn once a batch and shared by its rows, beside the batch’s own items: one GEMM instead of a gather of 800 a row. On Gowalla’s validation part the in-batch ones lift recall@20 from .200 to .203 after 20 epochs':
    '每批抽取至多 2,048 个负样本由各行共用，另有批内的物品：一次 GEMM 代替每行收集 800 个。在 Gowalla 的验证部分，批内的负样本使 20 轮后的 recall@20 从 .200 升到 .203',
  'starts from the closed form: NDCG@20 .131 on the validation part of Singapore’s Airbnb, where users have met one item, and .024 from random numbers; .059 and .058 on ml-latest-small, .117 both on MovieLens 100k, .139 and .100 on Albany’s':
    '从闭式解开始：在用户只接触过一个物品的新加坡 Airbnb 上，验证部分 NDCG@20 为 .131，由随机数开始为 .024；ml-latest-small 上 .059 与 .058，MovieLens 100k 上同为 .117，奥尔巴尼上 .139 与 .100',
  'how many directions of the closed form to start from is chosen by short trials, up to 250,000 interactions; all beyond: 16 of 64 end at NDCG@20 .097 on Albany’s validation part and all at .139, on Singapore’s at .131 and .077':
    '起点用闭式解的多少个方向由短的试训练选定（至多 250,000 次交互；更多则全部）：在奥尔巴尼验证部分 64 个中的 16 个最终 NDCG@20 .097，全部为 .139；新加坡为 .131 与 .077',
  'learning rate 0.005 with lazy Adam, falling along a cosine over 20 epochs: on Gowalla’s validation part recall@20 .209, where 60 from random numbers reach .206':
    '学习率 0.005，lazy Adam，按余弦退火 20 轮：Gowalla 验证部分 recall@20 .209，由随机数开始 60 轮为 .206',
  'the authors’ form (the positive outside the sum, no batch items), batches of 1,024, τ 0.08, dropout 0.1 and a cosine over 60 epochs give .210 there from random numbers, and the same .171 on its test':
    '作者的形式（正样本不在求和之内，无批内物品）、每批 1,024、τ 0.08、dropout 0.1、余弦退火 60 轮，由随机数开始在那里为 .210，测试部分同为 .171',
  'optimises the area under the ROC curve of a user': '优化用户的 ROC 曲线下面积',
  'recall@20 .1627 (BARS) and .1491 (RePo) on Gowalla': 'Gowalla 上 recall@20 .1627（BARS）与 .1491（RePo）',
  '−ln σ(s(u, i) − s(u, j)), j uniform': '−ln σ(s(u, i) − s(u, j))，j 均匀抽取',
  'L2 on the vectors of the batch': '对批内的向量做 L2',
  'd 64': '维数 64',
  'the mean over 512 negatives shared by the batch in place of one each: less noise for one more GEMM':
    '取整批共用的 512 个负样本的均值代替每行一个：多一次 GEMM，噪声更小',
  'of 10,000 items or more, negatives by the square root of popularity (as in weighted BPR, Gantner et al. 2012) instead of uniformly: on Gowalla’s validation part recall@20 .159 against .152 after 20 epochs; on the sample market’s 3,000 items it is the other way round, .257 against .274':
    '物品达 10,000 个以上时，负样本按热度的平方根（如 Gantner 等 2012 的加权 BPR）而非均匀抽取：在 Gowalla 验证部分 20 轮后 recall@20 为 .159 对 .152；在示例市场的 3,000 个物品上相反，.257 对 .274',
  'starts from the closed form: NDCG@20 on validation .120 for .113 from random numbers (sample market), .102 for .102 (MovieLens 100k), .047 for .047 (ml-latest-small), .094 for .045 (Albany), .136 for .030 (Singapore), on Gowalla recall@20 .172 for .171 after 60 epochs':
    '从闭式解开始：验证部分 NDCG@20 为 .120，由随机数开始为 .113（示例市场）；.102 对 .102（MovieLens 100k）；.047 对 .047（ml-latest-small）；.094 对 .045（奥尔巴尼）；.136 对 .030（新加坡）；Gowalla 上 60 轮后 recall@20 .172 对 .171',
  'L2 5e-6 and a cosine over 80 epochs: BPR learns slowly, and faster steps end lower. On Gowalla’s validation part .166 after 30, .171 after 60 and .172 after 80 epochs; on test .154':
    'L2 5e-6，余弦退火 80 轮：BPR 学得慢，步子更大则终点更低。在 Gowalla 验证部分 30 轮后 .166、60 轮后 .171、80 轮后 .172；测试部分 .154',
  'softmax loss is robust optimisation over the negatives; the bilateral one is over the positives too':
    'softmax 损失是对负样本的稳健优化；双侧的对正样本亦然',
  'recall@20 .1882 on Gowalla, .0725 on Yelp2018': 'recall@20 在 Gowalla 上 .1882，Yelp2018 上 .0725',
  'positives and negatives with temperatures of their own: τ 0.08 and the negatives’ part 1.22 times on Gowalla, 0.11 and 1.10 times on Yelp2018 (logs of junkangwu/BSL)':
    '正负样本各有温度：Gowalla 上 τ 0.08、负样本部分为 1.22 倍，Yelp2018 上 0.11 与 1.10 倍（junkangwu/BSL 的日志）',
  '800 negatives of each positive, d 64, dropout 0.1 on the user’s vector, learning rate 1e-4, hundreds of epochs':
    '800 个负样本，维数 64，用户向量 dropout 0.1，学习率 1e-4，数百轮',
  'up to 1,024 negatives are drawn once a batch and shared by its rows; those the user is known to like are left out, which the authors do not: on Gowalla’s validation part .204 against .193 after 20 epochs. 2,048 give NDCG@20 .1219 for .1207 in 1.7 times the time, 512 .1186':
    '每批抽取至多 1,024 个负样本由各行共用；已知用户喜欢的被略去，作者并未如此：在 Gowalla 验证部分 20 轮后 .204 对 .193。2,048 个以 1.7 倍时间得 NDCG@20 .1219（对 .1207），512 个得 .1186',
  'no dropout: it wants more epochs than these. On Gowalla’s validation part recall@20 .2134 after 20 without it, .2121 after 24 with .03, .2107 after 32 with .1':
    '不用 dropout：它需要更多轮数。在 Gowalla 验证部分 recall@20：不用时 20 轮后 .2134，.03 时 24 轮后 .2121，.1 时 32 轮后 .2107',
  'starts from the closed form: on Gowalla’s validation part (with dropout and 2,048 negatives) recall@20 .2116 after 16 of 24 epochs, where random numbers reach .207 after 20 of 80 and .2125 after 40':
    '由闭式解开始：在 Gowalla 验证部分（有 dropout，2,048 个负样本）24 轮中的第 16 轮后 recall@20 .2116，而由随机数开始 80 轮中第 20 轮后 .207、第 40 轮后 .2125',
  'the temperature is chosen on the validation part by short trials, the negatives’ part too where they are long enough to tell (up to 125,000 interactions): on 135,000 interactions of Gowalla 1.5 gives NDCG@20 .083 where 1.22 gives .076, on all of them it is far behind':
    '温度由短的试训练在验证部分上选定；足够长（至多 125,000 次交互）时负样本部分也如此：在 Gowalla 的 135,000 次交互上 1.5 得 NDCG@20 .083，1.22 得 .076，而在全部交互上它远远落后',
  'learning rate 0.01 with lazy Adam and batches of 1,024, falling along a cosine over 20 epochs: 32 give recall@20 .2141 for .2134 on Gowalla’s validation part':
    '学习率 0.01，lazy Adam，每批 1,024，按余弦退火 20 轮：在 Gowalla 验证部分 32 轮得 recall@20 .2141（对 .2134）',
  'the loss and many negatives matter more than the encoder': '损失与大量负样本比编码器更重要',
  'recall@20 .1872 on Gowalla (SimpleX), .1837 (MF-CCL)': 'Gowalla 上 recall@20 .1872（SimpleX）、.1837（MF-CCL）',
  'cosine contrastive loss, margin 0.9, weight 150, hundreds of negatives': '余弦对比损失，间隔 0.9，权重 150，数百个负样本',
  'user = g · id + (1 − g) · mean of the history, through a projection': '用户 = g · id + (1 − g) · 历史均值，再经一次投影',
  'Gowalla: 800 to 2,000 negatives, learning rate 1e-4, batch 256': 'Gowalla：800 到 2,000 个负样本，学习率 1e-4，批大小 256',
  'id and mean history are added through one linear layer, without the fixed share g': 'id 与历史均值经一个线性层相加，没有固定的份额 g',
  'up to 1,024 negatives are shared by the batch': '至多 1,024 个负样本由整批共用',
  'starts from the closed form: NDCG@20 .055, .126 and .101 on the validation parts of ml-latest-small, Singapore’s Airbnb and MovieLens 100k, where random numbers reach .020, .051 and .066; .086 for .109 on Albany’s':
    '从闭式解开始：ml-latest-small、新加坡 Airbnb 与 MovieLens 100k 的验证部分 NDCG@20 为 .055、.126 与 .101，由随机数开始为 .020、.051 与 .066；奥尔巴尼上 .086，对 .109',
  'learning rate 0.005 with lazy Adam, falling along a cosine over 16 epochs: on Gowalla’s validation part recall@20 .194, where 8 of 60 from random numbers, by steps of 0.002, reach .148':
    '学习率 0.005，lazy Adam，按余弦退火 16 轮：Gowalla 验证部分 recall@20 .194；由随机数开始、步长 0.002 的 60 轮中，8 轮后为 .148',
  'recall@20 .1754 on Gowalla (BARS)': 'Gowalla 上 recall@20 .1754（BARS）',
  'user = mean of the vectors of their items, which are the items’ own': '用户 = 其物品向量的均值，即物品自己的向量',
  'sampled softmax over uniform negatives': '对均匀负样本做抽样 softmax',
  'the item that is to be predicted is left out of the mean, 50 items at most while training and all of them afterwards':
    '待预测的物品不计入均值；训练时至多 50 个物品，之后为全部',
  'up to 1,024 negatives are drawn once a batch and shared by its rows; those the user is known to like are left out':
    '每批抽取至多 1,024 个负样本由各行共用；已知用户喜欢的被略去',
  'no layer after the mean, batches of 512, learning rate 0.0015 with lazy Adam, falling along a cosine over 16 epochs: every example moves fifty rows, and with a layer and by steps of 0.003 the model overfits':
    '均值之后没有层，每批 512，学习率 0.0015，lazy Adam，按余弦退火 16 轮：每个样本移动五十行，若带一层、步长 0.003 则过拟合',
  'starts from the closed form: on Gowalla’s validation part recall@20 .195 after 4 and .205 after 12 epochs, where random numbers with dropout 0.1 and 2,048 negatives reach .186 after 4, .203 after 16 and .210 after 36 in three times the time; on MovieLens 100k and ml-latest-small NDCG@20 .130 and .061 for .129 and .060':
    '从闭式解开始：Gowalla 验证部分 recall@20 在 4 轮后 .195、12 轮后 .205；随机起点、dropout 0.1、2,048 个负样本则 4 轮后 .186、16 轮后 .203，36 轮后 .210，但用时三倍；MovieLens 100k 与 ml-latest-small 上 NDCG@20 为 .130 与 .061，对 .129 与 .060',
  'optimising alignment and uniformity directly beats BPR with simple factorisation': '直接优化对齐与均匀，以简单的分解胜过 BPR',
  'its splits are its own, so its figures do not compare': '其划分自成一体，数字不可比较',
  '‖u − v‖² of positives + γ log E exp(−2‖x − y‖²) of each side': '正样本的 ‖u − v‖² + 每一侧的 γ log E exp(−2‖x − y‖²)',
  'γ 5 (Gowalla), 1 (Yelp2018), 0.5 (Beauty)': 'γ 5（Gowalla）、1（Yelp2018）、0.5（Beauty）',
  'learning rate 1e-3, batch 1,024': '学习率 1e-3，批大小 1,024',
  'γ 1; raise it where the geometry watch shows vectors that crowd': 'γ 1；若向量几何显示向量拥挤，则调高',
  'learning rate 0.01 with lazy Adam: with 0.003 the vectors of the sample market have hardly left their first places after 240 steps, recall@20 .016 against .128':
    '学习率 0.01，lazy Adam：若为 0.003，示例市场的向量在 240 步后几乎未离开起点，recall@20 .016 对 .128',
  'linear filters of the interaction graph reach what trained graph models do on sparse data (GF-CF)':
    '交互图的线性滤波在稀疏数据上可达到训练的图模型的水平（GF-CF）',
  'the 0/1 matrix scaled by the roots of both sides’ frequencies, up to 512 singular vectors by randomised subspace iteration':
    '0/1 矩阵按两侧频率的平方根缩放，用随机子空间迭代求至多 512 个奇异向量',
  'a user is the sum of their items’ vectors, filtered by e^(s·σ); an item is its vector by its frequency^γ':
    '用户是其物品向量之和，经 e^(s·σ) 滤波；物品是其向量乘以频率^γ',
  's, γ and the rank chosen on the validation part': 's、γ 与秩在验证部分上选定',
  'an item that nobody has met has the vector that a ridge regression on its features foretells; one that few have met leans on it':
    '无人遇到过的物品，其向量由对其特征的岭回归预测；少有人遇到的则部分依靠它',
  'no gradient, no epochs: repeated interactions count once, weights and times not at all':
    '没有梯度，没有轮次：重复的交互计一次，权重与时间不计',
  'a history of at most 1,000 items': '历史至多 1,000 个物品',
  'counts of train and validation': '训练与验证的计数',
  'popularity.kind market or recency for the line by market or of late': 'popularity.kind 取 market 或 recency，则按市场或按近期',
  'tuned well, it beats many newer models (Dacrema et al. 2019)': '调节得当时胜过许多较新的模型（Dacrema 等 2019）',
  'cosine with shrinkage': '带收缩的余弦',
  'published on Gowalla (BARS): neighbours 100, shrinkage 0, normalise and itemMean true, recall@20 .1570':
    'Gowalla 上的发表值（BARS）：neighbours 100、shrinkage 0、normalise 与 itemMean 为 true，recall@20 .1570',
  'shrinkage and neighbours are chosen on the validation part; pin them to repeat a published figure':
    '收缩与近邻数在验证部分上选定；要重复发表的数字请固定它们',
  'more accurate than deep autoencoders on most of their data sets, with one hyper-parameter':
    '在其多数数据集上比深度自编码器更准确，且只有一个超参数',
  'the inverse of XᵀX + λI': 'XᵀX + λI 的逆',
  'published on Gowalla (BARS): lambda 80, recall@20 .1765': 'Gowalla 上的发表值（BARS）：lambda 80，recall@20 .1765',
  'λ is chosen on the validation part; pin it to repeat a published figure': 'λ 在验证部分上选定；要重复发表的数字请固定它',
  'the smaller of users and items is inverted, by Woodbury’s identity': '对用户与物品中较少的一方求逆，用 Woodbury 恒等式',
  'of each item the 4,000 weights of largest magnitude are kept, which matters only beyond as many items; keep null keeps all':
    '每个物品保留绝对值最大的 4,000 个权重，物品更多时才有影响；keep 为 null 则保留全部',
  'tuned well, it is on par with the best models of its benchmarks': '调节得当时与其基准中最好的模型相当',
  'exact solutions, row by row': '逐行的精确解',
  'λ(n_u + α₀ n)^ν with ν = 1': 'λ(n_u + α₀ n)^ν，ν = 1',
  'published on ML-20M: unobservedWeight 0.1, regularisation 0.003': 'ML-20M 上的发表值：unobservedWeight 0.1，regularisation 0.003',
  'α₀ and λ are chosen on the validation part with fits of 6 epochs, then d from 32 to 256 as far as it gains; pin them to repeat a published figure':
    'α₀ 与 λ 在验证部分上选定，每次拟合 6 轮，随后在 32 到 256 之间选 d，增益即止；要重复发表的数字请固定它们',
  'rows that met at most a quarter of d are solved by the Woodbury identity in the basis of the Gram matrix: the same solutions in less time':
    '交互数不超过 d 四分之一的行，在 Gram 矩阵的基中用 Woodbury 恒等式求解：解相同，用时更少',
  'it sweeps until ten epochs bring nothing on the validation part, 100 times at most: on Gowalla it is best after 6, on Singapore’s Airbnb after 40':
    '它一直迭代到连续十轮在验证部分上没有增益为止，至多 100 轮：在 Gowalla 上第 6 轮最好，在新加坡 Airbnb 上第 40 轮最好',
}
