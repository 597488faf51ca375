using ChineseClip.Demo.Export;

try
{
    var options = ExportOptions.Parse(args);
    if (options.Sheet is not null)
    {
        ContactSheet.Write(options);
    }
    else
    {
        ShardWriter.WriteAll(options);
    }

    return 0;
}
catch (Exception error) when (error is ArgumentException or FormatException)
{
    Console.Error.WriteLine(error.Message);
    return 2;
}
