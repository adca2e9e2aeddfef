"""What nearly every address looks like: such a one is its own normal form, an e-mail address once it is in lower case.

Narrower than the standards: whatever is not plain takes the slow path, with the same result. Here are texts alone,
which take no time to load.
"""

EMAIL_LENGTH = 64  # so that no label (63) and no whole address (254) can be too long

# Possessive, so linear. Single hyphens only, which leaves Punycode and reserved labels (`ab--c`) to the slow path.
EMAIL = (
    r"[a-z0-9_+-]++(?:\.[a-z0-9_+-]++)*+"
    r"@[a-z0-9]++(?:-[a-z0-9]++)*+(?:\.[a-z0-9]++(?:-[a-z0-9]++)*+)++"
    r"(?<=[a-z])"
)

PHONE_LENGTH = 16  # at most

# Calling code → the national numbers that are complete as they stand: of a possible length, and without a prefix that
# libphonenumber would strip. Where a code is missing the slow path decides; `test_phone` holds this table against it.
PLAIN_NATIONAL = {
    "1": "[2-9][0-9]{9}",
    "27": "[1-9][0-9]{8}",
    "31": "[1-9][0-9]{8}",
    "32": "[1-9][0-9]{7,8}",
    "33": "[1-9][0-9]{8}",
    "34": "[1-9][0-9]{8}",
    "351": "[1-9][0-9]{8}",
    "353": "[1-9][0-9]{6,9}",
    "358": "[1-9][0-9]{4,11}",
    "39": "[0-9]{6,12}",
    "41": "[1-9][0-9]{8}",
    "420": "[1-9][0-9]{8}",
    "43": "[1-9][0-9]{6,12}",
    "44": "[2-9][0-9]{8,9}",
    "45": "[1-9][0-9]{7}",
    "46": "[1-9][0-9]{6,9}",
    "47": "[1-9][0-9]{7}",
    "48": "[1-9][0-9]{8}",
    "49": "[1-9][0-9]{5,12}",
    "52": "[1-9][0-9]{9}",
    "61": "[2-9][0-9]{8}",
    "64": "[1-9][0-9]{7,9}",
    "65": "[1-9][0-9]{7}",
    "81": "[1-9][0-9]{8,9}",
    "91": "[1-9][0-9]{9}",
}
PHONE = r"\+(?:" + "|".join(code + national for code, national in PLAIN_NATIONAL.items()) + ")"
