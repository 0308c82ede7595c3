/** What is used of the library; its own types name their files without an ending, which Node's resolution refuses. */
declare module '@huggingface/tokenizers' {
  export class Tokenizer {
    /** @param tokenizer what tokenizer.json holds @param config what tokenizer_config.json holds */
    constructor(tokenizer: object, config: object)
    encode(text: string, options?: { add_special_tokens?: boolean }): { ids: number[] }
  }
}
