"""Who is on a socket, at this moment."""

from __future__ import annotations

from photobank.access.actor import Actor
from photobank.web.house import house
from state.sockets import sockets


async def someone_on(sid: str) -> Actor | None:
    """Read anew from the sessions every time; never from state, and never from what the browser sent."""
    caller = sockets.caller(sid)
    if caller is None or caller.session_token is None:
        return None
    someone = await house().identity.of_session(caller.session_token, ip=caller.ip, user_agent=caller.user_agent)
    return someone if someone is not None and str(someone.session_id) == caller.session_id else None
