// provisional
export const createPlainHttp = async (_: object) => ({ port: 0, close: async () => {} })
