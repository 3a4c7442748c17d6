"""The functions' libraries, built for where the functions run."""
