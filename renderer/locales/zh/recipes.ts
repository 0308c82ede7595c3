/** Titles and summaries of recipes in Chinese by their names, and what a recipe needs by the engine's words for it; a test asks for each. */
export const recipeTexts: Readonly<Record<string, readonly [title: string, summary: string]>> = {
  'two-tower': ['使用全部特征的双塔', '读取数据集两侧的所有特征，各用一个 MLP，批内 softmax 加 logQ 修正：默认之选'],
  'linear-towers': ['线性双塔，宽向量', '两侧的所有特征相加成 256 维向量，没有隐藏层，并读取请求的时间：分成两半的因子分解机'],
  'youtube-2016': ['YouTube 2016：候选生成', '汇总的历史与用户特征经过 MLP，对抽样物品做 softmax，样本的年龄作为输入'],
  'youtube-2019': ['YouTube 2019：修正抽样偏差的双塔', '批内 softmax，用物品频率的流式估计修正，收益作权重，批次按时间先后'],
  'google-mns': ['Google Play 2020：混合负采样', '使用全部特征的双塔；批内负样本与取自整个目录的均匀负样本混合'],
  'airbnb-2018': ['Airbnb 2018：房源嵌入', '会话上的 skip-gram：由一个房源预测其左右，负样本取自同一市场；新房源由其特征得到向量'],
  'airbnb-2025': ['Airbnb 2025：行程的嵌入召回', '预订的房源对比同一行程中看过而未订的房源；负的平方欧氏距离'],
  'pinterest-pinnerformer': ['PinnerFormer', '因果 Transformer 读取用户的行为，预测其 14 天内的行为'],
  'pinterest-itemsage': ['ItemSage', '一层 Transformer 把物品的内容（文本、标签、向量、位置）合成一个向量；同时学习多种互动'],
  'facebook-ebr': ['Facebook EBR：在线难负样本', '余弦上的三元组损失，随机负样本，每个正样本另取批内至多两个难负样本'],
  'facebook-ebr-offline': ['Facebook EBR：离线难负样本', '余弦上的三元组损失，负样本取自模型自己列表的第 101–500 位，少量混入容易的负样本'],
  'mf-softmax': ['矩阵分解，softmax 损失', '只用用户与物品的 id，余弦，对均匀抽样与批内的负样本做 softmax'],
  'mf-bpr': ['矩阵分解，BPR', '只用用户与物品的 id，点积，每个正样本都高于抽样的负样本'],
  bsl: ['双侧 softmax 损失', '只用用户与物品的 id，余弦，两侧都对噪声稳健的 softmax'],
  'simplex-ccl': ['SimpleX：余弦对比损失', '用户由其 id 与其物品的均值表示；低于间隔的负样本不计'],
  'mean-history': ['历史均值，抽样 softmax', '用户只由其物品的均值表示，因此新用户无需训练即可服务'],
  directau: ['DirectAU：对齐与均匀', '只用用户与物品的 id；正样本彼此靠近，每一侧在球面上散开，完全没有负样本'],
  spectral: ['闭式解：奇异向量', '截断奇异值分解写成双塔：几分钟而非几小时，新访客由其历史得到服务'],
  'most-popular': ['最热门', '按交互次数给物品排序：任何模型都应超过的门槛'],
  'item-knn': ['物品近邻', '与用户接触过的物品相似的物品，按其用户集合的余弦'],
  ease: ['EASE', '对角线为零的物品–物品线性回归，闭式解'],
  ials: ['iALS', '在所有用户–物品对上做交替最小二乘的矩阵分解'],
}

export const needTexts: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  'interactions in order of time': ['有时间先后的交互', '导入带时间列的数据，或序列文件'],
  'times of the interactions': ['交互的时间', '导入带时间列的数据'],
  'text, tags, categories or vectors of the items': ['物品的文本、标签、类别或向量', '导入物品表'],
  'two event types, such as click and booking': ['两种事件类型，例如点击与预订', '导入带事件列的数据'],
  'an item category or place to be a market': ['可作市场的物品类别或地点', '导入带类别列的物品表'],
}
