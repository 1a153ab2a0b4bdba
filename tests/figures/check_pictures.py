"""Whether pictures show something: check_pictures.py PICTURE...

A blank one, or axes without a curve, has hardly any color.
"""

import sys

import matplotlib.image
import numpy as np

for path in sys.argv[1:]:
    pixels = matplotlib.image.imread(path)[:, :, :3]
    assert pixels.shape[0] > 300 and pixels.shape[1] > 400, (path, pixels.shape)
    colored = np.ptp(pixels, axis=2) > 0.15
    assert colored.mean() > 1e-3, (path, colored.mean())
    # The color is spread over the picture, not a legend's in a corner.
    rows, columns = np.nonzero(colored)
    assert np.ptp(rows) > 0.3 * pixels.shape[0], (path, np.ptp(rows))
    assert np.ptp(columns) > 0.3 * pixels.shape[1], (path, np.ptp(columns))
    print(path, f"{colored.mean():.4f}")
