"""Every pixel: decoding in a limited process, renditions, metadata, fingerprints."""
