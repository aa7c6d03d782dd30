"""A program of plain Python with which anybody checks a forecast without Helios."""

from reflection.models import Forecast

_SNIPPET = """\
import hashlib, json, math

raw = open("forecast-{pk}.json", "rb").read()
assert hashlib.sha256(raw).hexdigest() == "{sha256}"
said, white, bonus = json.loads(raw), {white}, {bonus}  # {what}

def ratio(part):  # how many times likelier than a fair drum a part held this draw
    e = [1.0] + [0.0] * said["picks"]  # elementary symmetric polynomials
    for theta in part["white"]:
        for k in range(said["picks"], 0, -1):
            e[k] += e[k - 1] * math.exp(theta)
    p = math.exp(sum(part["white"][ball - 1] for ball in white)) / e[-1]
    q = math.exp(part["bonus"][bonus - 1]) / sum(map(math.exp, part["bonus"]))
    return p * q * math.comb(len(part["white"]), said["picks"]) * len(part["bonus"])

parts = said["parts"]
mean = sum(part["weight"] * ratio(part) for part in parts) / sum(p["weight"] for p in parts)
print(math.log2((1 - said["floor"]) * mean + said["floor"]), "bits over chance")
"""


def check_snippet(forecast: Forecast) -> str:
    """Code that checks the hash of a downloaded forecast and computes its score."""
    draw = forecast.draw
    return _SNIPPET.format(
        pk=forecast.pk,
        sha256=forecast.sha256,
        white=draw.white if draw else [1, 2, 3, 4, 5],
        bonus=draw.bonus if draw else 1,
        what=f"the draw of {forecast.draw_date}" if draw else "put the draw here",
    )
