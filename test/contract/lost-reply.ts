import type { Dispatcher } from "undici";

/** A dispatcher through which answers to POSTs to that path are lost, after the server has given them. */
export function losingReplies(
  dispatcher: Dispatcher,
  path: string,
  isLost: (nth: number) => boolean,
): Dispatcher {
  let nth = 0;
  return dispatcher.compose((dispatch) => (request, handler) => {
    const counts = request.method === "POST" && request.path.endsWith(path);
    if (counts) nth += 1;
    return dispatch(request, counts && isLost(nth) ? losing(handler) : handler);
  });
}

/** The same for the first of them. */
export function losingFirstReply(dispatcher: Dispatcher, path: string): Dispatcher {
  return losingReplies(dispatcher, path, (nth) => nth === 1);
}

function losing(handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller, context) => handler.onRequestStart?.(controller, context),
    onResponseStart: () => undefined,
    onResponseData: () => undefined,
    onResponseEnd: (controller) => handler.onResponseError?.(controller, hungUp()),
    onResponseError: (controller, cause) => handler.onResponseError?.(controller, cause),
  };
}

function hungUp(): Error {
  return Object.assign(new Error("the reply was lost"), { code: "UND_ERR_SOCKET" });
}
