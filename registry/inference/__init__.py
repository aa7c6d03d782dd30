"""Where predictions are made: one process with torch, asked over a socket (docs/decisions/0002).

`client` is what the web process uses, `server` what runs in the inference process; `messages`
is what goes between them. Only `server` ever leads to torch.
"""
