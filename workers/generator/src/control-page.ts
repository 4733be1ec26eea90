export const controlPage = "<!doctype html><title>x</title>";
