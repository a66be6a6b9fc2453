"""Attempts as litellm writes them down, and turns as an application does, to be put together into small logs."""

SECRET = "the orchid opens at midnight"
END = 100_000.0


def payload(trace, start, end, model="small", status="success", cost=0.001, tags=("a",), **more):
    return {
        "litellm_call_id": f"{trace}-{start}-{model}",
        "trace_id": trace,
        "status": status,
        "cache_hit": False,
        "response_cost": cost if status == "success" else 0.0,
        "startTime": start,
        "endTime": end,
        "model": f"maker/{model}",
        "model_group": model,
        "request_tags": list(tags),
        "messages": [{"role": "user", "content": SECRET}],
        "response": {"content": SECRET},
    } | more


def turn(session, number, time, solved, model="small", **more):
    return {
        "session_id": session,
        "turn": number,
        "time": time,
        "requested_model": model,
        "judged_solved": solved,
    } | more


LONG_AFTER = [payload("z", END, END + 1), payload("y", END, END + 1, "large", cost=0.03)]
ITS_FEEDBACK = [turn("z", 1, END + 1, 1), turn("y", 1, END + 1, 1, "large")]
PLAIN = [payload("s", 0, 5), payload("s", 10, 16), payload("s", 20, 60, "large", cost=0.03), payload("t", 3, 9)]
JUDGED = [turn("s", 1, 5, 0), turn("s", 2, 16, 0), turn("s", 3, 60, 1, "large"), turn("t", 1, 9, 0)]
