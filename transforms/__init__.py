"""The steps of the pipeline, one file each; ``records`` lies at the bottom and no step imports another."""
