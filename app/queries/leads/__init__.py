"""Leads: lists, board, page, tasks, stages."""
